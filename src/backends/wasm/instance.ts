/** What we use of WebAssembly: only the DOM's types declare it, and they bring all of a browser along. */
declare const WebAssembly: {
  compile(binary: Uint8Array): Promise<object>;
  instantiate(
    module: object,
    imports: object,
  ): Promise<{ exports: { memory: { buffer: ArrayBuffer }; run(): void } }>;
};

/** A module with memory of its own. */
export interface Instance {
  readonly bytes: Uint8Array;
  run(): void;
}

/** Can be sent to workers, who then need not compile it again. */
export const compileModule = (binary: Uint8Array): Promise<object> => WebAssembly.compile(binary);

export async function newInstance(module: object, imports: object = {}): Promise<Instance> {
  const { memory, run } = (await WebAssembly.instantiate(module, imports)).exports;
  return { bytes: new Uint8Array(memory.buffer), run };
}
