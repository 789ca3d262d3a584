/** The op teager in C, on every storage that it takes. */
import { type Kernel, kernelType, zeroPoint } from "pulsec";
import { teager } from "../ops/teager.ts";

export const teagerKernel: Kernel = {
  name: "teager",
  op: teager,
  header: "teager.h",
  files: [{ name: "teager.h", from: new URL("./teager.h", import.meta.url) }],
  emit({ operands: [x] }, { operands: [from], result }) {
    const { storage, shape } = x!.type;
    const args = [kernelType(storage), zeroPoint(x!.type), ...shape];
    return `  teager(${[from, result, ...args].join(", ")});`;
  },
};
