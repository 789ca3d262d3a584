graph @affine(%x: (u8[1x4] - 128) * 0.25) -> (%y: f32[1x4]) stage quantised {
  %y = dequantize %x : f32[1x4]
}

// -----
graph @no_scale(%x: u8[1x4]) -> (%y: f32[1x4]) stage quantised {
  %y = dequantize %x : f32[1x4] // error: x has no scale
}

// -----
graph @in_integers(%x: u8[1x4] * 0.25) -> (%y: f32[1x4]) stage integer {
  %y = dequantize %x : f32[1x4] // error: f32 in an integer graph
}
