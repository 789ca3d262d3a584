graph @odd(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = tanh %x : f32[Nx4]
}

// -----
graph @integer(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = tanh %x : i8[1x4] // error: x is i8, tanh takes f32
}
