param @beta : f32[2] trainable = [0, 0.5]
param @gamma : f32[2] trainable = [1, 1]
param @mean : f32[2] = [0, 0]
param @var : f32[2] = [1, 1]

graph @instance(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = instancenorm %x, @gamma, @beta : f32[Nx8x2]
}

graph @running(%x: f32[Nx8x8x2]) -> (%y: f32[Nx8x8x2]) stage float {
  %y = instancenorm %x, @gamma, @beta, @mean, @var {statistics = running} : f32[Nx8x8x2]
}

// -----
param @one : f32[2] = [1, 1]

graph @missing(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = instancenorm %x, @one, @one {statistics = running} : f32[Nx8x2] // error: needs the operands mean and var
}

// -----
param @one : f32[2] = [1, 1]

graph @unread(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = instancenorm %x, @one, @one, @one, @one : f32[Nx8x2] // error: only read when statistics = running
}

// -----
param @one : f32[2] = [1, 1]

graph @rank(%x: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = instancenorm %x, @one, @one : f32[Nx2] // error: x has rank 2, instancenorm takes rank 3 or 4
}
