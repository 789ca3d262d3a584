// Two multipliers by sign; the result counts in units of scale / positive.
param @alpha : i8[1] = [3]

// run: @shared([-128, -1, 0, 1, 127]) == [-384, -3, 0, 16, 2032]
graph @shared(%x: i8[1x5] * 0.5) -> (%y: i32[1x5] * 0.03125) stage integer {
  %y = prelu %x, @alpha {positive = 16} : i32[1x5] * 0.03125
}

// -----
// Negative slopes and slopes above 1, one per channel; d = x - zero.
param @alpha : i16[2] = [-1, 300]

// run: @per_channel([10, 10, 12, 12, 0, 0]) == [0, 0, 2, 2, 10, -3000]
graph @per_channel(%x: (u8[1x3x2] - 10) * 0.5) -> (%y: i32[1x3x2] * 0.5) stage integer {
  %y = prelu %x, @alpha : i32[1x3x2] * 0.5
}

// -----
param @alpha : i32[1] = [-65536]

graph @edge(%x: i16[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = prelu %x, @alpha : i32[1x2] // error: prelu may overflow i32
}

// -----
param @alpha : i32[1] = [65536]

// run: @edge([-32768, 32767]) == [-2147483648, 32767]
graph @edge(%x: i16[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = prelu %x, @alpha : i32[1x2]
}

// -----
param @alpha : i8[1] = [0]

graph @far(%x: (i32[1x2] - 1) * 1) -> (%y: i32[1x2] * 1) stage integer {
  %y = prelu %x, @alpha : i32[1x2] * 1 // error: x - zero may leave i32
}

// -----
param @alpha : i8[3] = [1, 2, 3]

graph @channels(%x: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = prelu %x, @alpha : i32[1x2] // error: alpha has 3 elements; 1 or 2
}

// -----
param @alpha : f32[1] = [0.5]

graph @mixed(%x: i8[1x2]) -> (%y: i32[1x2]) stage quantised {
  %y = prelu %x, @alpha : i32[1x2] // error: both float or both integer
}

// -----
param @alpha : i8[1] * 0.5 = [1]

graph @slope_scale(%x: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = prelu %x, @alpha {positive = 4} : i32[1x2] // error: it takes no scale, or * 0.25
}
