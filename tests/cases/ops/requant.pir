// Rounding is only what `add` says: half up with 2^(shift-1), floor with 0.
param @half : i64[1] = [2]
param @mul : i32[1] = [1]
param @none : i64[1] = [0]

// run: @half_up([-7, -6, -5, -2, 2, 5, 6, 7]) == [-2, -1, -1, 0, 1, 1, 2, 2]
graph @half_up(%x: i32[1x8]) -> (%y: i8[1x8]) stage integer {
  %y = requant %x, @mul, @half {shift = 2} : i8[1x8]
}

// run: @floor([-7, -6, -5, -2, 2, 5, 6, 7]) == [-2, -2, -2, -1, 0, 1, 1, 1]
graph @floor(%x: i32[1x8]) -> (%y: i8[1x8]) stage integer {
  %y = requant %x, @mul, @none {shift = 2} : i8[1x8]
}

// -----
// Products of the largest numbers need 64 bits; nothing wraps before the clamp.
param @add : i64[1] = [-4611686018427387904]
param @mul : i32[1] = [-2147483648]

// run: @wide([-2147483648, -2147483647, 2147483647]) == [0, -1, -2]
graph @wide(%x: i32[1x3]) -> (%y: i8[1x3]) stage integer {
  %y = requant %x, @mul, @add {shift = 62, hi = 100} : i8[1x3]
}

// -----
// The zero point joins before the clamp; lo and hi are stored values.
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

// run: @affine([-200, -100, 0, 27, 28, 1000]) == [10, 28, 128, 155, 156, 200]
graph @affine(%x: i32[1x6]) -> (%y: (u8[1x6] - 128) * 0.5) stage integer {
  %y = requant %x, @mul, @add {shift = 0, lo = 10, hi = 200} : (u8[1x6] - 128) * 0.5
}

// -----
// mul, add and shift may each be one number or one per channel.
param @add : i64[1] = [1]
param @mul : i32[2] = [1, -1]

// run: @per_channel([10, 10, -10, -10]) == [5, -3, -5, 2]
graph @per_channel(%x: i32[1x2x2]) -> (%y: i8[1x2x2]) stage integer {
  %y = requant %x, @mul, @add {shift = [1, 2]} : i8[1x2x2]
}

// run: @per_row([10, 10, -10, -10]) == [5, 5, 2, 2]
graph @per_row(%x: i32[2x2]) -> (%y: i8[2x2]) stage integer {
  %y = requant %x, @mul, @add {shift = [1, 2], axis = 0} : i8[2x2]
}

// -----
// Narrow formats clamp to their own ranges.
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

// run: @narrow([-128, -9, -8, -2, 1, 7, 127]) == [-2, -2, -2, -2, 1, 1, 1]
graph @narrow(%x: i8[1x7]) -> (%y: i2[1x7]) stage integer {
  %a = requant %x, @mul, @add {shift = 0} : i4[1x7]
  %y = requant %a, @mul, @add {shift = 0} : i2[1x7]
}

// run: @widen([-128, 127]) == [-128, 127]
graph @widen(%x: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 0} : i32[1x2]
}

// -----
// Where both scales are known, the multiplier must say the same.
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

// run: @agreed([2, 3]) == [1, 1]
graph @agreed(%x: i32[1x2] * 0.5) -> (%y: i8[1x2] * 1) stage integer {
  %y = requant %x, @mul, @add {shift = 1} : i8[1x2] * 1
}

// -----
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

graph @contradicted(%x: i32[1x2] * 0.5) -> (%y: i8[1x2] * 1) stage integer {
  %y = requant %x, @mul, @add {shift = 2} : i8[1x2] * 1 // error: the scales of x and the result ask for 0.5
}

// -----
param @add : i64[2] = [0, 9223372036854775807]
param @mul : i32[1] = [2]

graph @beyond_64_bits(%x: i32[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 0} : i8[1x2] // error: x * mul + add may leave 64 bits in channel 1
}

// -----
param @add : i64[1] = [0]
param @mul : i32[3] = [1, 2, 3]

graph @channels(%x: i32[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 0} : i8[1x2] // error: mul has 3 elements; 1 or 2
}

// -----
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

graph @empty_clamp(%x: i32[1x2]) -> (%y: u8[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 0, lo = -1} : u8[1x2] // error: [-1, 255] is no range within u8
}

// -----
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

graph @to_float(%x: i32[1x2]) -> (%y: f32[1x2]) stage quantised {
  %y = requant %x, @mul, @add {shift = 0} : f32[1x2] // error: the result is stored as integers, not as f32
}

// -----
param @add : i64[1] = [0]
param @mul : i32[1] = [1]

graph @shift(%x: i32[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 63} : i8[1x2] // error: outside [0, 62]
}

// -----
param @add : i64[1] = [0]

graph @computed_mul(%x: i32[1x2], %m: i32[1]) -> (%y: i8[1x2]) stage integer {
  %y = requant %x, %m, @add {shift = 0} : i8[1x2] // error: mul must be a param
}
