graph @tenth(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = leaky_relu %x {alpha = 0.1} : f32[Nx4]
}

// -----
graph @no_slope(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = leaky_relu %x : f32[Nx4] // error: leaky_relu needs alpha
}

// -----
graph @integer(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = leaky_relu %x {alpha = 0.1} : i8[1x4] // error: x is i8, leaky_relu takes f32
}
