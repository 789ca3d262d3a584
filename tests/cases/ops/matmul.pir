// Batched over the leading axis, a zero point on each side.
// run: @batched([194, 140, 122, 82, 114, 192, 14, 6, 184, 95, 205, 7], [104, -97, -22, 119, -101, 40, 58, -19, -108, 6, -18, 95]) == [7566, -4854, -10920, 5376, 4656, 5854, -8437, -10791]
// run: @batched([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [-128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128]) == [47232, 47232, 47232, 47232, 47232, 47232, 47232, 47232]
graph @batched(%a: (u8[2x2x3] - 128) * 0.5, %b: (i8[2x3x2] + 5) * 0.5) -> (%y: i32[2x2x2] * 0.25) stage integer {
  %y = matmul %a, %b : i32[2x2x2] * 0.25
}

// -----

// run: @unknown_scale([1, 2], [3, 4]) == [11]
graph @unknown_scale(%a: i8[1x2] * 0.5, %b: i8[2x1]) -> (%y: i32[1x1]) stage integer {
  %y = matmul %a, %b : i32[1x1]
}

// -----

graph @inner(%a: i8[2x3], %b: i8[2x3]) -> (%y: i32[2x3]) stage integer {
  %y = matmul %a, %b : i32[2x3] // error: a has 3 columns, b has 2 rows
}

// -----

graph @batch(%a: i8[2x1x1], %b: i8[3x1x1]) -> (%y: i32[2x1x1]) stage integer {
  %y = matmul %a, %b : i32[2x1x1] // error: axis 0 has 2 in a and 3 in b
}

// -----

graph @ranks(%a: i8[1x2x3], %b: i8[3x2]) -> (%y: i32[1x2x2]) stage integer {
  %y = matmul %a, %b : i32[1x2x2] // error: equal ranks of 2 or more are needed
}

// -----

graph @overflow(%a: i16[1x2], %b: i16[2x1]) -> (%y: i32[1x1]) stage integer {
  %y = matmul %a, %b : i32[1x1] // error: matmul may overflow i32
}
