/** The page of figures: a section per bench between markers, so that each bench replaces its own. */

const begin = (name: string): string => `<!-- bench ${name} -->`;
const end = (name: string): string => `<!-- end ${name} -->`;

/** The page with another body in the section; where there is none yet, it comes last. */
export function replaceSection(page: string, name: string, body: string): string {
  const section = `${begin(name)}\n${body}\n${end(name)}`;
  const [from, to] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${section}\n`;
  return page.slice(0, from) + section + page.slice(to + end(name).length);
}

export const emptyPage = `# Benchmarks

Figures of one machine, written by \`npm run bench -- --write\`. \`npm run bench -- wasm\` runs one bench and prints, \`--quick\` takes seconds and gives rough figures,
\`--json\` prints JSON. Compare figures only within a section: each was measured in one go.
`;
