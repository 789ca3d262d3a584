param @beta : f32[2] trainable = [0, 0.5]
param @gamma : f32[2] trainable = [1, 1]
param @mean : f32[2] = [0, 0]
param @var : f32[2] = [1, 1]

graph @sequence(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = batchnorm %x, @gamma, @beta, @mean, @var {momentum = 0.99} : f32[Nx8x2]
}

// -----
param @one : f32[1] = [1]
param @two : f32[2] = [1, 1]

graph @channels(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = batchnorm %x, @two, @two, @two, @one : f32[Nx8x2] // error: var has 1 elements for 2 channels
}

// -----
param @one : f32[2] = [1, 1]

graph @no_epsilon(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = batchnorm %x, @one, @one, @one, @one {epsilon = 0} : f32[Nx8x2] // error: epsilon = 0 is not positive
}

// -----
param @one : f32[2] = [1, 1]

graph @operands(%x: f32[Nx8x2]) -> (%y: f32[Nx8x2]) stage float {
  %y = batchnorm %x, @one, @one : f32[Nx8x2] // error: batchnorm takes (x, gamma, beta, mean, var), 3 operands are given
}
