// Different scales, zero points on both sides, one operand repeated along time.
// run: @residual([174, 88, 14, 151, 71, 175], [93, -38, 103]) == [622, -160, 182, 553, -211, 665]
// run: @residual([255, 255, 255, 255, 255, 255], [-128, -128, -128]) == [-19, -19, -19, -19, -19, -19]
graph @residual(%a: (u8[1x2x3] - 100) * 0.75, %b: (i8[1x1x3] + 7) * 1) -> (%y: i32[1x2x3] * 0.25) stage integer {
  %y = add %a, %b {mul = [3, 4]} : i32[1x2x3] * 0.25
}

// -----

param @c : i16[2x1] = [30000, -30000]

// run: @constant([1, -8, 7, 0]) == [30001, 29992, -29993, -30000]
graph @constant(%a: i4[2x2]) -> (%y: i32[2x2]) stage integer {
  %y = add %a, @c : i32[2x2]
}

// -----

graph @scales(%a: i8[1x2] * 0.5, %b: i8[1x2] * 0.25) -> (%y: i32[1x2] * 0.25) stage integer {
  %y = add %a, %b {mul = [2, 2]} : i32[1x2] * 0.25 // error: a has scale 0.5 and b 0.25: for mul[0] = 2 the nearest mul[1] is 1, not 2
}

// -----

graph @shapes(%a: i8[1x2], %b: i8[1x3]) -> (%y: i32[1x3]) stage integer {
  %y = add %a, %b : i32[1x3] // error: axis 1 has 2 in a and 3 in b
}

// -----

graph @ranks(%a: i8[1x2], %b: i8[2]) -> (%y: i32[1x2]) stage integer {
  %y = add %a, %b : i32[1x2] // error: a has rank 2, b has rank 1
}

// -----

graph @overflow(%a: i32[1x2], %b: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = add %a, %b : i32[1x2] // error: add may overflow i32
}

// -----

graph @floats(%a: f32[1x2], %b: f32[1x2]) -> (%y: f32[1x2]) stage float {
  %y = add %a, %b {mul = [2, 2]} : f32[1x2] // error: mul is for integers
}

// -----

param @s : f32[2] = [0.5, 2]
param @w : i8[2x1x1] * @s axis 0 = [1, 2]

// run: @shared_channels([3]) == [6, 12]
graph @shared_channels(%x: u8[1x1x1] * 0.5) -> (%y: i32[1x1x2] * 0.5 * @s axis 2) stage integer {
  %a = conv %x, @w : i32[1x1x2] * 0.5 * @s axis 2
  %y = add %a, %a : i32[1x1x2] * 0.5 * @s axis 2
}
