// A gate per channel, repeated along time, zero points on both sides.
// run: @gate([4, 7, 67, 74, 104, 127], [38, 105, 238]) == [-1134, -950, 2660, -12474, -10165, 4940]
// run: @gate([-128, -128, -128, -128, -128, -128], [0, 0, 0]) == [25000, 25000, 25000, 25000, 25000, 25000]
graph @gate(%a: (i8[1x2x3] + 3) * 0.5, %b: (u8[1x1x3] - 200) * 0.25) -> (%y: i32[1x2x3] * 0.125) stage integer {
  %y = mul %a, %b : i32[1x2x3] * 0.125
}

// -----

// run: @square([-32768, 32767]) == [1073741824, 1073676289]
graph @square(%a: i16[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = mul %a, %a : i32[1x2]
}

// -----

graph @overflow(%a: i32[1x2], %b: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = mul %a, %b : i32[1x2] // error: mul may overflow i32
}

// -----

graph @mixed(%a: f32[1x2], %b: i8[1x2]) -> (%y: i32[1x2]) stage quantised {
  %y = mul %a, %b : i32[1x2] // error: a is f32 and b is i8: both float or both integer
}

// -----

param @s : f32[2] = [0.5, 2]

graph @two_vectors(%a: i8[1x2] * @s axis 1, %b: i8[1x2] * @s axis 1) -> (%y: i32[1x2]) stage integer {
  %y = mul %a, %b : i32[1x2] // error: only one of a and b may have scales per channel
}
