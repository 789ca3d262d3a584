param @w : f32[5x3x2] trainable = [-0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5, -0.25, 0.25, -0.5, 0, 0.5, -0.25, 0.25]
param @wide.beta : f32[5] trainable = [0, 0, 0, 0, 0]
param @wide.gamma : f32[5] trainable = [1, 1, 1, 1, 1]
param @wide.mean : f32[5] = [0, 0, 0, 0, 0]
param @wide.var : f32[5] = [1, 1, 1, 1, 1]
param @wide.weight : f32[5x1x2] trainable = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0]

graph @concatenated(%x: f32[1x4x2]) -> (%y: f32[1x4x5]) stage float {
  %branch = conv %x, @w {pads = [1, 1]} : f32[1x4x5]
  %wide.conv = conv %x, @wide.weight : f32[1x4x5]
  %wide = batchnorm %wide.conv, @wide.gamma, @wide.beta, @wide.mean, @wide.var : f32[1x4x5]
  %y = add %branch, %wide : f32[1x4x5]
}
