// run: @row([-128, -128, 127, 127]) == [-256, 254]
graph @row(%x: i8[2x2]) -> (%y: i32[2x1]) stage integer {
  %y = reduce_sum %x {axes = 1} : i32[2x1]
}

// run: @dropped([1, 2, 3, 4, 5, 6, 7, 8]) == [16, 20]
graph @dropped(%x: i8[2x2x2]) -> (%y: i32[2]) stage integer {
  %y = reduce_sum %x {axes = [0, 1], keepdims = false} : i32[2]
}

// -----
// The zero point is taken off every element.
// run: @affine([10, 11, 9, 0]) == [0, 1, -1, -10]
// run: @affine([255, 255, 0, 0]) == [245, 245, -10, -10]
graph @affine(%x: (u8[1x4x1] - 10) * 0.5) -> (%y: i32[1x4x1] * 0.5) stage integer {
  %y = reduce_sum %x {axes = 2} : i32[1x4x1] * 0.5
}

// -----
graph @overflow(%x: i32[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = reduce_sum %x {axes = 1} : i32[1x1] // error: reduce_sum may overflow i32
}

// -----
graph @batch(%x: f32[Nx2]) -> (%y: f32[1x2]) stage float {
  %y = reduce_sum %x {axes = 0} : f32[1x2] // error: the symbolic batch N cannot be reduced
}

// -----
param @s : f32[2] = [1, 2]

graph @per_channel(%x: i8[1x2] * @s axis 1) -> (%y: i32[1x1]) stage integer {
  %y = reduce_sum %x {axes = 1} : i32[1x1] // error: which cannot be summed over
}

// -----
graph @nothing_left(%x: i8[1x2]) -> (%y: i32[1]) stage integer {
  %y = reduce_sum %x {axes = [0, 1], keepdims = false} : i32[1] // error: keepdims = true keeps them
}
