graph @logistic(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = sigmoid %x : f32[Nx4]
}

// -----
graph @integer(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = sigmoid %x : i8[1x4] // error: x is i8, sigmoid takes f32
}
