/** Reads binding files: JSON whose every entry is checked, and refused with its place and a way out. */
import { nearest } from "../ir/diagnostic.js";
import type { AttrKind, AttrSpec, OpDef } from "../ir/op.js";
import {
  type Argument,
  type AttrChoice,
  type Binding,
  type BoundTensor,
  resultName,
  roundings,
  type SizeRange,
  type Step,
} from "./binding.js";
import { checkNames } from "./binding-names.js";
import { chainOperands } from "./chain.js";
import { Entry } from "./entry.js";
import { readExpression, readTensor } from "./read-tensor.js";

/** The first line of every binding file: `"pulsec": "golden 1"`. */
export const formatName = "golden 1";

export interface BindingContext {
  readonly file: string;
  readonly ops: readonly OpDef[];
}

const entries =
  "pulsec kernel adapter ops tensors attrs sizes rounding product cores flags sources arguments";

/** Throws a `Refusal` that shows the entry at fault. */
export function readBinding(source: string, { file, ops }: BindingContext): Binding {
  const root = Entry.parse(source, file);
  root.only(...entries.split(" "));
  if (root.at("pulsec").text() !== formatName)
    root.at("pulsec").refuse("this version of the format is not known", { expected: formatName });
  const kernel = root.at("kernel").identifier();
  const chain = root.at("ops").map((e) => opNamed(e, ops));
  if (chain.length === 0) root.at("ops").refuse("at least one op is needed");
  const operands = operandsOf(chain, root.at("tensors"));
  const steps = readSteps(chain, operands, root.at("attrs"));
  const tensors = new Map(
    root
      .at("tensors")
      .entries()
      .map(([name, e]) => [name, readTensor(name, e)]),
  );
  const sizes = root.at("sizes").entries();
  const binding: Binding = {
    file,
    kernel,
    adapter: root.at("adapter").text(),
    steps,
    tensors,
    sizes: new Map(sizes.map(([name, e]) => [name, sizeRange(e)])),
    rounding: root.at("rounding").oneOf(roundings, "floor"),
    product: root.at("product").present ? root.at("product").number([32, 64]) : 64,
    cores: root.at("cores").present ? root.at("cores").map((e) => e.whole(1, 64)) : [1],
    flags: root.at("flags").map((e) => e.text()),
    sources: root.at("sources").map((e) => e.text()),
    arguments: root.at("arguments").map((e) => argument(e, steps, tensors)),
  };
  checkNames(root, binding);
  return binding;
}

/** The tensors of every op's operands; none may be missing, none left over. */
function operandsOf(chain: readonly OpDef[], e: Entry): readonly (readonly string[])[] {
  const names = e.entries().map(([name]) => name);
  const operands = chainOperands(chain, names);
  if (typeof operands === "string") return e.refuse(operands);
  const known = [...operands.flat(), resultName];
  if (!names.includes(resultName)) e.refuse(`the tensor ${resultName} is missing: the result`);
  for (const name of names)
    if (!known.includes(name))
      e.at(name).refuse(`${chain.map((o) => o.name).join(" + ")} has no operand ${name}`, {
        expected: known.join(", "),
      });
  return operands;
}

function readSteps(
  chain: readonly OpDef[],
  operands: readonly (readonly string[])[],
  attrs: Entry,
): readonly Step[] {
  attrs.only(...chain.map((o) => o.name));
  return chain.map((op, i) => ({ op, operands: operands[i]!, attrs: attrChoices(op, attrs.at(op.name)) }));
}

function opNamed(e: Entry, ops: readonly OpDef[]): OpDef {
  const name = e.text();
  const op = ops.find((o) => o.name === name);
  if (!op) {
    const guess = nearest(
      name,
      ops.map((o) => o.name),
    );
    return e.refuse(`there is no op ${name}`, guess ? { help: `did you mean ${guess}?` } : {});
  }
  if (!op.int) return e.refuse(`${name} has no integer meaning to compare a kernel with`);
  return op;
}

function sizeRange(e: Entry): SizeRange {
  const [min, max, multiple = 1] = e.map((n) => n.whole(1, 2 ** 20));
  if (min === undefined || max === undefined || min > max || Math.ceil(min / multiple) * multiple > max)
    return e.refuse("a size is [smallest, largest] or [smallest, largest, multiple]");
  return { min, max, multiple };
}

/** Every attribute lists the values that it takes in turn. */
function attrChoices(op: OpDef, e: Entry): Step["attrs"] {
  const spec = op.attrs as AttrSpec;
  return Object.fromEntries(
    e.entries().map(([name, list]) => {
      const kind = spec[name];
      if (!kind) {
        const guess = nearest(name, Object.keys(spec));
        return list.refuse(`${op.name} has no attribute ${name}`, {
          help: guess
            ? `did you mean ${guess}?`
            : `its attributes: ${Object.keys(spec).join(", ") || "none"}`,
        });
      }
      const choices = list.map((c) => attrChoice(kind, c));
      if (choices.length === 0) list.refuse(`${name} needs at least one value`);
      return [name, choices];
    }),
  );
}

function attrChoice(kind: AttrKind, e: Entry): AttrChoice {
  switch (kind.kind) {
    case "bool":
      return e.flag();
    case "enum":
      return e.oneOf(kind.of);
    case "float":
      return e.float();
    case "int":
      return readExpression(e);
    case "ints":
      if (e.isText("auto")) return "auto";
      return e.isList ? e.map((n) => readExpression(n)) : [readExpression(e)];
  }
}

function argument(e: Entry, steps: readonly Step[], tensors: ReadonlyMap<string, BoundTensor>): Argument {
  e.only("tensor", "value", "scratch", "list", "type", "name");
  const kinds = ["tensor", "value", "scratch", "list"].filter((k) => e.at(k).present);
  if (kinds.length !== 1)
    return e.refuse("an argument has one of: tensor, value, scratch (its bytes), list (an attribute)");
  if (kinds[0] === "tensor") {
    const tensor = e.at("tensor").text();
    const bound = tensors.get(tensor);
    if (!bound)
      return e
        .at("tensor")
        .refuse(`there is no tensor ${tensor}`, { expected: [...tensors.keys()].join(", ") });
    const constant = tensor === resultName || bound.mutable ? "" : "const ";
    return {
      kind: "tensor",
      tensor,
      name: e.at("name").identifier(tensor),
      type: e.at("type").text(`${constant}${bound.element} *`),
    };
  }
  const name = e.at("name").identifier();
  if (kinds[0] === "value")
    return { kind: "value", name, type: e.at("type").text("int"), value: readExpression(e.at("value")) };
  const type = e.at("type").text("uint8_t *");
  if (kinds[0] === "scratch") return { kind: "scratch", name, type, bytes: readExpression(e.at("scratch")) };
  const [first, second] = e.at("list").text().split(".");
  const attr = second ?? first!;
  const step = steps.findIndex((s) => (second === undefined || s.op.name === first) && attr in s.op.attrs);
  if (step < 0) e.at("list").refuse(`no op of the kernel has an attribute ${attr}`);
  return { kind: "list", name, type, step, attr };
}
