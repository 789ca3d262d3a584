/** A small integer network for examples of firmware. */

const weights = Array.from({ length: 8 * 3 * 8 }, (_, i) => (i % 7) - 3).join(", ");
/** Two convolutions, both requantised with `multiplier`. */
export const convs = (multiplier: number) => `param @v : i8[8x3x8] = [${weights}]
param @w : i8[8x3x8] = [${weights}]
param @mul : i32[1] = [${multiplier}]
param @add : i64[1] = [0]

graph @main(%x: u8[1x64x8]) -> (%y: u8[1x64x8]) stage integer {
  %r = conv %x, @v {pads = [1, 1]} : i32[1x64x8]
  %h = requant %r, @mul, @add {shift = 12} : u8[1x64x8]
  %s = conv %h, @w {pads = [1, 1]} : i32[1x64x8]
  %y = requant %s, @mul, @add {shift = 12} : u8[1x64x8]
}
`;
