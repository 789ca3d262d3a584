/** Collects the statements of one kernel. */
import {
  constant,
  type Expr,
  type Local,
  type Operand,
  type Place,
  type Register,
  type Statement,
} from "./expr.js";

/** A local that kernels read and assign. */
export interface Variable {
  readonly value: Expr;
  set(value: Operand): void;
}

/** Statements in the order they are added; loops collect what is added while their body runs. */
export class Code {
  #statements: Statement[] = [];

  get statements(): readonly Statement[] {
    return this.#statements;
  }

  add(statement: Statement): void {
    this.#statements.push(statement);
  }

  variable(initial: Operand): Variable {
    const type: Register = typeof initial === "object" ? initial.type : "i32";
    const local: Local = { type };
    const set = (value: Operand) =>
      this.add({ kind: "set", local, value: typeof value === "object" ? value : constant(value) });
    set(initial);
    return { value: { kind: "get", type, local }, set };
  }

  /** Evaluates once; the result may be used many times. */
  let(value: Expr): Expr {
    return value.kind === "const" || value.kind === "get" ? value : this.variable(value).value;
  }

  store(place: Place, value: Operand): void {
    this.add({ kind: "store", place, value: typeof value === "object" ? value : constant(value) });
  }

  /** `body` repeated; no loop where it runs once, nothing where it never runs. */
  repeat(count: number, body: () => void): void {
    if (count <= 0) return;
    const outer = this.#statements;
    const inner: Statement[] = count === 1 ? outer : [];
    this.#statements = inner;
    body();
    this.#statements = outer;
    if (count > 1) this.add({ kind: "loop", counter: { type: "i32" }, count, body: inner });
  }
}
