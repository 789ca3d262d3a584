param @n.beta : f32[2] trainable = [0.5, 1.5]
param @n.gamma : f32[2] trainable = [0.5, 1.5]
param @n.mean : f32[2] = [0.5, 1.5]
param @n.var : f32[2] = [1, 2]
param @v : f32[1x1x2] trainable = [-0.5, 0]
param @w : f32[2x3x1] trainable = [-0.5, 0, 0.5, -0.25, 0.25, -0.5]

graph @activated(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1], %z: f32[Nx8x2]) stage float {
  %conv = conv %x, @w {pads = [1, 1]} : f32[Nx8x2]
  %drop = batchnorm %conv, @n.gamma, @n.beta, @n.mean, @n.var : f32[Nx8x2]
  %relu = relu %drop : f32[Nx8x2]
  %z = dropout %relu {rate = 0.25} : f32[Nx8x2]
  %y = conv %z, @v : f32[Nx8x1]
}
