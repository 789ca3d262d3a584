// run: @rows([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6]
graph @rows(%x: i8[2x3]) -> (%y: i8[3x2]) stage integer {
  %y = reshape %x {shape = [3, 2]} : i8[3x2]
}

// run: @vector([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6]
graph @vector(%x: (u8[2x3] - 1) * 0.5) -> (%y: (u8[6] - 1) * 0.5) stage integer {
  %y = reshape %x {shape = 6} : (u8[6] - 1) * 0.5
}

// run: @keeps([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6]
graph @keeps(%x: i32[1x6]) -> (%y: i32[1x3x2]) stage integer {
  %y = reshape %x {shape = [0, 3, 2]} : i32[1x3x2]
}

// -----
graph @batch(%x: f32[Nx6]) -> (%y: f32[Nx3x2]) stage float {
  %y = reshape %x {shape = [0, 3, 2]} : f32[Nx3x2]
}

// -----
graph @loses_batch(%x: f32[Nx6]) -> (%y: f32[6]) stage float {
  %y = reshape %x {shape = 6} : f32[6] // error: shape must begin with 0
}

// -----
graph @count(%x: i8[2x3]) -> (%y: i8[2x4]) stage integer {
  %y = reshape %x {shape = [2, 4]} : i8[2x4] // error: [2x3] does not hold the elements of [2x4]
}

// -----
graph @inner_zero(%x: i8[2x3]) -> (%y: i8[2x3]) stage integer {
  %y = reshape %x {shape = [2, 0]} : i8[2x3] // error: not in first place
}

// -----
param @s : f32[3] = [1, 2, 3]

graph @per_channel(%x: i8[2x3] * @s axis 1) -> (%y: i8[6]) stage integer {
  %y = reshape %x {shape = 6} : i8[6] // error: x has one scale per index of axis 1
}
