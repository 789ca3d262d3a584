/** What the page about firmware has beyond other pages, light and dark. */
export const firmwareStyle = `
:root {
  --kernel: #3b7a9e; --dma: #d9952f; --l3: #b4503a; --border: #7f9652; --barrier: #aab4bd; --control: #8a74b3;
  --layer: #dbe7ee; --odd: #c8d9e4; --constant: #b9c6d0; --value: #7fb3a6; --window: #e0b36a;
  --input: #8fb8d4; --output: #7fb3a6; --scratch: #c9b8dc; --inside: #22303c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --kernel: #5c9fc6; --dma: #dca24a; --l3: #cf6f58; --border: #9bb36c; --barrier: #5d6973; --control: #a08bcb;
    --layer: #24384a; --odd: #2e465c; --constant: #4a5966; --value: #3f7f72; --window: #9a7330;
    --input: #3f6b8a; --output: #3f7f72; --scratch: #6a5987; --inside: #e4eaef;
  }
}
dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2.5rem; margin: 1.25rem 0; }
dt { font-size: 0.8rem; color: var(--faint); }
dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
table { font-size: 0.85rem; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; }
tr:last-child td { border-bottom: 0; border-top: 1px solid var(--line); }
.key { white-space: nowrap; margin-right: 1.1rem; font-size: 0.87rem; }
.key svg { margin-right: 0.4rem; }
svg.chart { width: 100%; height: auto; display: block; }
svg text { font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.label { fill: var(--faint); }
.inside { fill: var(--inside); pointer-events: none; }
.track { fill: var(--hair); }
.tick, .grid { stroke: var(--line); stroke-width: 1; }
.grid { stroke: var(--hair); }
.bound { stroke: var(--l3); stroke-width: 1; stroke-dasharray: 4 3; }
.layer { fill: var(--layer); }
.layer.odd { fill: var(--odd); }
.kernel { fill: var(--kernel); }
.dma { fill: var(--dma); }
.l3 { fill: var(--l3); }
.border { fill: var(--border); }
.barrier { fill: var(--barrier); }
.control { fill: var(--control); }
.block { stroke: var(--paper); stroke-width: 0.75; }
.block.constant { fill: var(--constant); }
.block.value { fill: var(--value); }
.block.window { fill: var(--window); }
.block.input { fill: var(--input); }
.block.output { fill: var(--output); }
.block.scratch { fill: var(--scratch); }
`;
