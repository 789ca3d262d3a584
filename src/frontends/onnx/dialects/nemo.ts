/**
 * NEMO (DORY's first frontend): batch norm as Mul kappa, Add lamda, Cast to i64, Mul m, Div 2^n, Cast,
 * Clip; divisions floor in every golden although ONNX's integer Div truncates. Divisors are also written
 * 2^n - 1. Residual sums are Mul, Mul, Add, Div, Floor.
 */
import { commonRows, type Dialect, someInitialiser } from "./dialect.js";

export const nemo: Dialect = {
  name: "nemo",
  detects: (model) => someInitialiser(model, /\.(kappa|lamda|lambda)$/),
  rows: commonRows,
};
