// run: @matrix([1, 2, 3, 4, 5, 6]) == [1, 4, 2, 5, 3, 6]
graph @matrix(%x: i8[2x3]) -> (%y: i8[3x2]) stage integer {
  %y = transpose %x {perm = [1, 0]} : i8[3x2]
}

// run: @rotate([1, 2, 3, 4, 5, 6, 7, 8]) == [1, 3, 5, 7, 2, 4, 6, 8]
graph @rotate(%x: u8[2x2x2]) -> (%y: u8[2x2x2]) stage integer {
  %y = transpose %x {perm = [2, 0, 1]} : u8[2x2x2]
}

// run: @image([1, 2, 3, 4, 5, 6]) == [1, 3, 5, 2, 4, 6]
graph @image(%x: i32[1x1x3x2]) -> (%y: i32[1x2x1x3]) stage integer {
  %y = transpose %x {perm = [0, 3, 1, 2]} : i32[1x2x1x3]
}

// -----
// A scale per channel goes with its axis.
param @s : f32[3] = [1, 2, 3]

// run: @scales([1, 2, 3, 4, 5, 6]) == [1, 4, 2, 5, 3, 6]
graph @scales(%x: i8[2x3] * @s axis 1) -> (%y: i8[3x2] * @s axis 0) stage integer {
  %y = transpose %x {perm = [1, 0]} : i8[3x2] * @s axis 0
}

// -----
graph @batch_moves(%x: f32[Nx2]) -> (%y: f32[2x3]) stage float {
  %y = transpose %x {perm = [1, 0]} : f32[2x3] // error: the symbolic batch N stays the first dimension
}

// -----
graph @no_permutation(%x: i8[2x3]) -> (%y: i8[2x2]) stage integer {
  %y = transpose %x {perm = [0, 0]} : i8[2x2] // error: perm = [0, 0] is no order of the dimensions 0 to 1
}

// -----
graph @unwritten(%x: i8[2x3]) -> (%y: i8[3x2]) stage integer {
  %y = transpose %x : i8[3x2] // error: transpose needs perm
}
