graph @half_up(%x: f32[Nx4]) -> (%y: (i8[Nx4] - 1) * 0.5) stage quantised {
  %y = quantize %x : (i8[Nx4] - 1) * 0.5
}

// -----
graph @no_scale(%x: f32[1x4]) -> (%y: i8[1x4]) stage quantised {
  %y = quantize %x : i8[1x4] // error: the result needs a scale
}

// -----
graph @no_integers(%x: f32[1x4]) -> (%y: f32[1x4]) stage quantised {
  %y = quantize %x : f32[1x4] // error: the result is stored as integers, not as f32
}

// -----
graph @not_real(%x: i8[1x4] * 0.5) -> (%y: i8[1x4] * 0.5) stage quantised {
  %y = quantize %x : i8[1x4] * 0.5 // error: x is i8, quantize takes f32
}
