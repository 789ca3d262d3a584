graph @classes(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = softmax %x : f32[Nx4]
}

graph @log_over_time(%x: f32[Nx8x4]) -> (%y: f32[Nx8x4]) stage float {
  %y = softmax %x {axis = 1, log = true} : f32[Nx8x4]
}

// -----
graph @no_axis(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = softmax %x {axis = 2} : f32[Nx4] // error: axis 2 does not exist in rank 2
}
