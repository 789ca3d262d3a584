/** The frame of every HTML page: one file without anything from elsewhere, light and dark. */
import { escaped } from "./html.js";

const style = `
:root {
  --ink: #1c2733; --soft: #44525f; --faint: #5b6a78; --line: #c9d2da; --hair: #edf0f3; --paper: #fff; --bar: #3b7a9e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4eaef; --soft: #b4c0ca; --faint: #93a2ae; --line: #3b4854; --hair: #26313b; --paper: #12181e; --bar: #5c9fc6;
  }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 84rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; font-weight: 600; margin-bottom: 0.25rem; }
h2 { font-size: 1.1rem; font-weight: 600; margin-top: 2.25rem; }
p { max-width: 60rem; color: var(--soft); }
p.lead { color: var(--ink); }
p.note { font-size: 0.87rem; color: var(--faint); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--faint); border-bottom: 1px solid var(--line); }
th, td { padding: 0.3rem 1.4rem 0.3rem 0; white-space: nowrap; }
td { border-bottom: 1px solid var(--hair); }
td svg { vertical-align: middle; margin-right: 0.5rem; }
.n { text-align: right; }
.bar { fill: var(--bar); }
`;

/** `body` is HTML, `title` text; `more` is the style of what only this page has. */
export const page = (title: string, body: string, more = ""): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}${more}</style>
</head>
<body>
${body}
</body>
</html>
`;
