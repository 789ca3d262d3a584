/** Rows of passes that have a name of their own wherever a pass may be named. */
export const pipelines: Readonly<Record<string, string>> = {
  simplify: "canonicalise,deduplicate,dead-code",
  fold: "fold-constants,fold-norms,norm-to-conv,canonicalise,deduplicate,dead-code",
  quantise:
    "fold-constants,fold-norms,norm-to-conv,canonicalise,deduplicate,dead-code,calibrate,to-integer,canonicalise,dead-code",
};
