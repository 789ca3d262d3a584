/** `docs/reference/api.md`: everything that `import ... from "pulsec"` gives, from the declarations and their comments. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Where the declarations of this build lie. */
const sources = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "src");

export interface Exported {
  readonly name: string;
  /** The source that declares it, below `src`. */
  readonly file: string;
  /** What its comment says; empty where it has none. */
  readonly doc: string;
  /** The declaration, with the comments of its members. */
  readonly text: string;
}

/** Everything that the package exports, in alphabetical order. */
export function exported(): readonly Exported[] {
  const file = path.join(sources, "index.d.ts");
  const program = ts.createProgram([file], { types: [], noLib: true }, ownModulesOnly());
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  return checker
    .getExportsOfModule(module)
    .map((symbol) => {
      const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declarations = declared.declarations!;
      return {
        name: symbol.name,
        file: path.relative(sources, declarations[0]!.getSourceFile().fileName).replace(".d.ts", ".ts"),
        doc: ts.displayPartsToString(declared.getDocumentationComment(checker)),
        text: declarations.map(textOf).join("\n"),
      };
    })
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** Other packages' declarations say nothing about ours, and take long to read. */
function ownModulesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost({});
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      if (!text.startsWith(".")) return { resolvedModule: undefined };
      const resolvedFileName = path.resolve(path.dirname(from), text.replace(/\.js$/, ".d.ts"));
      return { resolvedModule: { resolvedFileName, extension: ts.Extension.Dts } };
    });
  return host;
}

const textOf = (declaration: ts.Declaration): string =>
  (ts.isVariableDeclaration(declaration) ? `const ${declaration.getText()};` : declaration.getText())
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replace(/^ +#private;\n/m, "")
    .replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 2));

/** The folder of `src` that an export comes from, the longest that fits, and what is in it. */
const sections: readonly (readonly [folder: string, title: string])[] = [
  ["ir/", "The IR"],
  ["extension/", "A project's configuration"],
  ["passes/", "Passes"],
  ["frontends/", "Reading and writing models"],
  ["backends/gap8sim/", "The GAP8 simulator"],
  ["backends/", "Backends"],
  ["data/", "Tensors from files"],
  ["verify/", "Comparing engines and goldens"],
  ["golden/", "Golden tests of kernels"],
];

const introduction = `# API

Generated from \`src/index.ts\` by \`npm run docs\`; do not edit.

Everything that \`import ... from "pulsec"\` gives. Nothing else is meant for import; \`pulsec/register\` is imported for its
effect only: a program on Node 20 can then import TypeScript, as the tests that \`pulsec pass new\` writes do. Functions that can
fail because of what a user wrote give a \`Result\`, or throw a \`Refusal\` where they say so. Heavy packages load when a function
first needs them.
`;

export function apiPage(): string {
  const all = exported();
  const sectionOf = ({ file }: Exported) =>
    sections.filter(([folder]) => file.startsWith(folder)).sort((a, b) => b[0].length - a[0].length)[0]?.[1];
  const strays = all.filter((e) => sectionOf(e) === undefined);
  if (strays.length > 0)
    throw new Error(`no section for ${strays.map((e) => `${e.name} (${e.file})`).join(", ")}`);
  const parts = sections.flatMap(([, title]) => {
    const own = all.filter((e) => sectionOf(e) === title);
    return own.length === 0 ? [] : [`## ${title}\n`, ...own.map(entry)];
  });
  return [introduction, ...parts].join("\n");
}

const entry = ({ name, doc, text }: Exported): string =>
  `### ${name}\n\n${doc}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
