/** Text of small networks built like the paper's seeds. */

export const zeros = (n: number): string => new Array(n).fill(0).join(", ");
export const norm = (name: string, channels: number): string =>
  ["gamma", "beta", "mean", "var"]
    .map((what, i) => {
      const values = Array.from({ length: channels }, (_, c) => (i === 3 ? 1 : 0.5) + c);
      const trainable = i < 2 ? " trainable" : "";
      return `param @${name}.${what} : f32[${channels}]${trainable} = [${values.join(", ")}]\n`;
    })
    .join("");
export const weight = (name: string, ...shape: number[]): string => {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => ((i * 7) % 5) / 4 - 0.5);
  return `param @${name} : f32[${shape.join("x")}] trainable = [${values.join(", ")}]\n`;
};
export const names = (name: string): string =>
  ["gamma", "beta", "mean", "var"].map((what) => `@${name}.${what}`).join(", ");

/** Pre-activation: the sum feeds the shortcut and norm, relu, dropout, conv, twice. */
export const residual = `${norm("n0", 2)}${norm("n1", 2)}${norm("n2", 2)}${weight("w0", 2, 3, 1)}${weight("w1", 2, 3, 2)}${weight("w2", 2, 3, 2)}
graph @residual(%x: f32[Nx8x1]) -> (%y: f32[Nx8x2]) stage float {
  %stem = conv %x, @w0 {pads = [1, 1]} : f32[Nx8x2]
  %norm0 = batchnorm %stem, ${names("n0")} : f32[Nx8x2]
  %relu0 = relu %norm0 : f32[Nx8x2]
  %norm1 = batchnorm %relu0, ${names("n1")} : f32[Nx8x2]
  %relu1 = relu %norm1 : f32[Nx8x2]
  %drop1 = dropout %relu1 : f32[Nx8x2]
  %conv1 = conv %drop1, @w1 {pads = [1, 1]} : f32[Nx8x2]
  %norm2 = batchnorm %conv1, ${names("n2")} : f32[Nx8x2]
  %relu2 = relu %norm2 : f32[Nx8x2]
  %conv2 = conv %relu2, @w2 {pads = [1, 1]} : f32[Nx8x2]
  %y = add %conv2, %relu0 : f32[Nx8x2]
}
`;

/** Norm, prelu, conv; a skip from the middle; upsampling before the last conv of the bottom; concat. */
export const unet = `param @p1 : f32[2] trainable = [0.25, 0.5]
param @p2 : f32[2] trainable = [0.25, 0.5]
param @p3 : f32[4] trainable = [0.1, 0.2, 0.3, 0.4]
${norm("n1", 2)}${norm("n2", 2)}${norm("n3", 4)}${weight("stem.w", 2, 5, 1)}${weight("w1", 2, 3, 2)}${weight("w2", 2, 3, 2)}${weight("w3", 2, 3, 4)}${weight("w4", 1, 5, 2)}
graph @unet(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1]) stage float {
  %stem = conv %x, @stem.w {pads = [2, 2]} : f32[Nx8x2]
  %norm1 = instancenorm %stem, ${names("n1")} {statistics = running} : f32[Nx8x2]
  %act1 = prelu %norm1, @p1 : f32[Nx8x2]
  %skip = conv %act1, @w1 {pads = [1, 1]} : f32[Nx8x2]
  %norm2 = instancenorm %skip, @n2.gamma, @n2.beta : f32[Nx8x2]
  %act2 = prelu %norm2, @p2 : f32[Nx8x2]
  %up = upsample %act2 {size = 8, mode = linear, align = align_corners} : f32[Nx8x2]
  %deep = conv %up, @w2 {pads = [1, 1]} : f32[Nx8x2]
  %both = concat %deep, %skip {axis = 2} : f32[Nx8x4]
  %norm3 = instancenorm %both, ${names("n3")} {statistics = running} : f32[Nx8x4]
  %act3 = prelu %norm3, @p3 : f32[Nx8x4]
  %last = conv %act3, @w3 {pads = [1, 1]} : f32[Nx8x2]
  %y = conv %last, @w4 {pads = [2, 2]} : f32[Nx8x1]
}
`;

export const activated = `${norm("n", 2)}${weight("w", 2, 3, 1)}${weight("v", 1, 1, 2)}
graph @activated(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1], %z: f32[Nx8x2]) stage float {
  %conv = conv %x, @w {pads = [1, 1]} : f32[Nx8x2]
  %relu = relu %conv : f32[Nx8x2]
  %drop = dropout %relu {rate = 0.25} : f32[Nx8x2]
  %z = batchnorm %drop, ${names("n")} : f32[Nx8x2]
  %y = conv %z, @v : f32[Nx8x1]
}
`;

export const concatenated = `param @left : f32[1x4x1] = [${zeros(4)}]
param @right : f32[1x4x2] = [${zeros(8)}]
${weight("w", 5, 3, 2)}
graph @concatenated(%x: f32[1x4x2]) -> (%y: f32[1x4x5]) stage float {
  %branch = conv %x, @w {pads = [1, 1]} : f32[1x4x5]
  %wide = concat @left, %x, @right {axis = 2} : f32[1x4x5]
  %y = add %branch, %wide : f32[1x4x5]
}
`;
export const padded = `${weight("w", 4, 1, 1, 2)}
graph @padded(%x: f32[Nx2x3x2]) -> (%y: f32[Nx2x3x4]) stage float {
  %branch = conv %x, @w : f32[Nx2x3x4]
  %first = transpose %x {perm = [0, 3, 1, 2]} : f32[Nx2x2x3]
  %wide = pad %first {pads = [1, 0, 1, 0]} : f32[Nx4x2x3]
  %last = transpose %wide {perm = [0, 2, 3, 1]} : f32[Nx2x3x4]
  %y = add %last, %branch : f32[Nx2x3x4]
}
`;
