// Positions are kept; odd channels, sub-byte operands.
param @w : i4[3x5] = [-6, 1, -5, 4, 6, -5, 0, -8, -6, -2, 6, 7, 2, 1, 1]

// run: @positions([0, 3, 3, 1, 3, 2, 3, 3, 2, 1]) == [10, -15, 14, -10, -27, 25]
graph @positions(%x: (u2[1x2x5] - 1) * 0.5) -> (%y: i32[1x2x3]) stage integer {
  %y = linear %x, @w : i32[1x2x3]
}

// -----

param @b : i32[2] = [-5, 5]
param @w : i16[2x4] = [-58, -52, 43, -93, 94, 76, 14, -6]

// run: @wide([-28796, -8108, 31675, -5836]) == [3996552, -2844561]
// run: @wide([-32768, -32768, -32768, -32768]) == [5242875, -5832699]
graph @wide(%x: i16[1x4]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @w, @b : i32[1x2]
}

// -----

param @w : i8[2x4] = [1, 2, 3, 4, 5, 6, 7, 8]

graph @features(%x: i8[1x3]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @w : i32[1x2] // error: x has 3 channels, w expects 4
}

// -----

param @w : i8[2x1] = [1, 2]

graph @vector(%x: i8[1]) -> (%y: i32[2]) stage integer {
  %y = linear %x, @w : i32[2] // error: x has rank 1
}

// -----

param @w : i16[1x3] = [32767, 32767, 32767]

graph @overflow(%x: i16[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @w : i32[1x1] // error: linear may overflow i32
}

// -----

graph @not_a_param(%x: i8[1x2], %w: i8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, %w : i32[1x1] // error: w must be a param
}
