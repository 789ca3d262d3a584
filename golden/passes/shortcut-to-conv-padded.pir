param @last.beta : f32[4] trainable = [0, 0, 0, 0]
param @last.gamma : f32[4] trainable = [1, 1, 1, 1]
param @last.mean : f32[4] = [0, 0, 0, 0]
param @last.var : f32[4] = [1, 1, 1, 1]
param @last.weight : f32[4x1x1x2] trainable = [0, 0, 1, 0, 0, 1, 0, 0]
param @w : f32[4x1x1x2] trainable = [-0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5]

graph @padded(%x: f32[Nx2x3x2]) -> (%y: f32[Nx2x3x4]) stage float {
  %branch = conv %x, @w : f32[Nx2x3x4]
  %last.conv = conv %x, @last.weight : f32[Nx2x3x4]
  %last = batchnorm %last.conv, @last.gamma, @last.beta, @last.mean, @last.var : f32[Nx2x3x4]
  %y = add %last, %branch : f32[Nx2x3x4]
}
