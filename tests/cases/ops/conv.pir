// Kernel of 3 at dilation 2 reaches over 5; pads 1 and 0, stride 2, zero point 200.
param @b : i32[2] = [1000, -1000]
param @w : i8[2x3x2] * 0.01 = [-56, 95, 105, -127, -1, 82, -95, 76, -98, -9, 81, -51]

// run: @dilated_strided([241, 160, 175, 229, 148, 198, 213, 57, 14, 76]) == [-17047, 9535]
// run: @dilated_strided([255, 255, 255, 255, 255, 255, 255, 255, 255, 255]) == [4245, -5235]
// run: @dilated_strided([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) == [-10800, 14400]
graph @dilated_strided(%x: (u8[1x5x2] - 200) * 0.5) -> (%y: i32[1x1x2] * 0.005) stage integer {
  %y = conv %x, @w, @b {stride = 2, dilation = 2, pads = [1, 0]} : i32[1x1x2] * 0.005
}

// -----

// Depthwise with a kernel larger than the input; odd channels.
param @w : i8[3x5x1] = [-6, 1, 21, 13, 2, 126, 78, 74, 51, 31, -41, 125, -9, -73, 88]

// run: @depthwise([-41, -57, 56, -63, 125, -15]) == [-1680, 2157, 591, -1364, 4804, 7135]
// run: @depthwise([-128, -128, -128, -128, -128, -128]) == [-4352, -16000, 10496, -2816, -19456, -14848]
graph @depthwise(%x: i8[1x2x3]) -> (%y: i32[1x2x3]) stage integer {
  %y = conv %x, @w {groups = 3, pads = [2, 2]} : i32[1x2x3]
}

// -----

// Two groups of two channels, sub-byte on both sides, negative begin pad.
param @w : i2[4x2x2] = [0, -1, -1, -1, -2, 1, -2, -2, -2, 1, 0, 1, -2, 0, -1, -1]

// run: @grouped([-6, 5, 1, -7, -8, -1, -8, -6, 0, 7, -1, 4, 6, 5, 2, -1]) == [-6, 1, 14, 13, -18, -15, 5, 1, -5, -7, -5, -4]
graph @grouped(%x: i4[1x4x4]) -> (%y: i32[1x3x4]) stage integer {
  %y = conv %x, @w {groups = 2, pads = [-1, 1]} : i32[1x3x4]
}

// -----

// Two dimensions: strides, dilations and pads differ; the border and the mirrored inside.
param @w : i4[2x3x2x1] = [5, 3, 2, -8, 3, -1, -7, -5, 0, 3, 0, 1]

// run: @edge([0, 9, 13, 10, 2, 8, 4, 15, 14, 2, 8, 15]) == [-75, 2, 10, -44, 26, -72, 8, 22, -52, -47, -42, -19]
graph @edge(%x: (u4[1x3x4x1] - 3) * 1) -> (%y: i32[1x2x3x2]) stage integer {
  %y = conv %x, @w {stride = [2, 1], dilation = [1, 2], pads = [1, 0, 2, 1], pad_mode = edge} : i32[1x2x3x2]
}

// run: @reflect([0, 9, 13, 10, 2, 8, 4, 15, 14, 2, 8, 15]) == [-92, 33, 20, -62, -50, 19, 72, -86, 50, -12, -24, 18, -34, -47, -20, 4, 138, -107, -72, 30]
graph @reflect(%x: (u4[1x3x4x1] - 3) * 1) -> (%y: i32[1x2x5x2]) stage integer {
  %y = conv %x, @w {stride = [2, 1], dilation = [1, 2], pads = [1, 0, 2, 3], pad_mode = reflect} : i32[1x2x5x2]
}

// -----

param @s : f32[2] = [0.5, 2]
param @w : i8[2x1x1] * @s axis 0 = [1, 2]

// run: @per_channel([3]) == [3, 6]
graph @per_channel(%x: u8[1x1x1] * 0.25) -> (%y: i32[1x1x2] * 0.25 * @s axis 2) stage integer {
  %y = conv %x, @w : i32[1x1x2] * 0.25 * @s axis 2
}

// -----

param @w : i8[1x5x1] = [1, 2, 3, 4, 5]

graph @too_wide(%x: i8[1x3x1]) -> (%y: i32[1x1x1]) stage integer {
  %y = conv %x, @w {pads = [0, 1]} : i32[1x1x1] // error: a window that reaches over 5 positions does not fit into 3 with pads 0 and 1
}

// -----

param @w : i8[1x3x2] = [1, 2, 3, 4, 5, 6]

graph @channels(%x: i8[1x5x3]) -> (%y: i32[1x3x1]) stage integer {
  %y = conv %x, @w : i32[1x3x1] // error: x has 3 channels in 1 groups, w expects 2 per group
}

// -----

param @w : i8[3x1x1] = [1, 2, 3]

graph @groups(%x: i8[1x5x2]) -> (%y: i32[1x5x3]) stage integer {
  %y = conv %x, @w {groups = 2} : i32[1x5x3] // error: 2 groups do not divide 2 input and 3 output channels
}

// -----

param @w : i8[1x1x1] = [1]

graph @mirror(%x: i8[1x2x1]) -> (%y: i32[1x4x1]) stage integer {
  %y = conv %x, @w {pads = [2, 0], pad_mode = reflect} : i32[1x4x1] // error: reflect pads must be smaller than the size 2
}

// -----

param @w : (i8[1x1x1] - 1) * 0.5 = [1]

graph @asymmetric(%x: i8[1x2x1] * 0.5) -> (%y: i32[1x2x1] * 0.25) stage integer {
  %y = conv %x, @w : i32[1x2x1] * 0.25 // error: w must be symmetric
}

// -----

param @b : i32[1] * 0.5 = [1]
param @w : i8[1x1x1] * 0.5 = [1]

graph @bias_scale(%x: i8[1x2x1] * 0.5) -> (%y: i32[1x2x1] * 0.25) stage integer {
  %y = conv %x, @w, @b : i32[1x2x1] * 0.25 // error: b has scale 0.5 in channel 0, the sum it joins has scale(x) * scale(w) = 0.25
}

// -----

param @b : i32[2] = [0, 2147483000]
param @w : i8[2x1x1] = [127, 127]

graph @accumulator(%x: i8[1x2x1]) -> (%y: i32[1x2x2]) stage integer {
  %y = conv %x, @w, @b : i32[1x2x2] // error: conv may overflow i32 in channel 1
}

// -----

param @w : f32[1x1x1] = [1]

graph @mixed(%x: i8[1x2x1]) -> (%y: i32[1x2x1]) stage integer {
  %y = conv %x, @w : i32[1x2x1] // error: x is i8, w is f32: all float or all integer
}
