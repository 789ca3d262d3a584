// The sum; the division by 4 is in the scale.
// run: @over_time([0, 10, 1, 20, 2, 30, 3, 40]) == [6, 100]
graph @over_time(%x: u8[1x4x2] * 0.5) -> (%y: i32[1x1x2] * 0.125) stage integer {
  %y = reduce_mean %x {axes = 1} : i32[1x1x2] * 0.125
}

// -----
// Without scales the sum is still the result: the requant that follows divides.
param @half : i64[1] = [2]
param @one : i32[1] = [1]

// run: @then_requant([1, 2, 3, 4]) == [3]
graph @then_requant(%x: u8[1x4]) -> (%y: u8[1x1]) stage integer {
  %sum = reduce_mean %x {axes = 1} : i32[1x1]
  %y = requant %sum, @one, @half {shift = 2} : u8[1x1]
}

// -----
graph @undivided(%x: u8[1x4] * 0.5) -> (%y: i32[1x1] * 0.5) stage integer {
  %y = reduce_mean %x {axes = 1} : i32[1x1] * 0.5 // error: reduce_mean gives another type
}

// -----
graph @no_axis(%x: u8[1x4]) -> (%y: i32[1x1]) stage integer {
  %y = reduce_mean %x {axes = 2} : i32[1x1] // error: axis 2 does not exist in rank 2
}
