graph @elements(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = dropout %x : f32[Nx8x2]
}

graph @channels(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = dropout %x {rate = 0.1, axis = channel} : f32[Nx8x2]
}

// -----
graph @everything(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = dropout %x {rate = 1} : f32[Nx8x2] // error: rate = 1 lies outside [0, 1)
}

// -----
graph @axis(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = dropout %x {axis = time} : f32[Nx8x2] // error: axis is one of element, channel, step
}
