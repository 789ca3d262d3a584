// Strides of 2 with overlapping taps, zero point, cropped at both ends and widened at the end.
param @b : i32[2] = [10, -10]
param @w : i8[2x3x2] * 0.5 = [-113, 41, -29, 25, -46, -71, -90, -31, 80, -26, -31, 19]

// run: @upscaling([223, 175, 92, 164, 153, 27]) == [-1570, 6368, -2153, 62, 1954, -3826, -7856, 2671, -3240, 4616, 6031, -2704]
// run: @upscaling([255, 255, 255, 255, 255, 255]) == [-498, 6848, -23993, -16901, -498, 6848, -23993, -16901, -498, 6848, -14849, -1534]
graph @upscaling(%x: (u8[1x3x2] - 128) * 0.5) -> (%y: i32[1x6x2] * 0.25) stage integer {
  %y = conv_transpose %x, @w, @b {stride = 2, pads = [1, 1], output_padding = 1} : i32[1x6x2] * 0.25
}

// -----

// Depthwise; stride 3 and dilation 2 leave positions that no tap reaches; a negative pad widens.
param @b : i32[3] = [1, 2, 3]
param @w : i4[3x2x1] = [2, 0, 2, 7, -6, 0]

// run: @sparse([7, -2, 1, -1, 1, -1]) == [1, 2, 3, 15, -2, -3, 1, 2, 3, 1, -12, 3, -1, 4, 9, 1, 2, 3, 1, 9, 3]
graph @sparse(%x: i4[1x2x3]) -> (%y: i32[1x7x3]) stage integer {
  %y = conv_transpose %x, @w, @b {stride = 3, dilation = 2, groups = 3, pads = [-1, 0]} : i32[1x7x3]
}

// -----

// Two dimensions, two groups.
param @w : i8[2x2x3x1] = [119, 115, -73, -127, 43, -125, -52, -1, 95, -105, 41, 8]

// run: @image([-16, -37, -67, -115, -25, 83, -104, -25]) == [-7973, 5980, -1840, 37, -7705, 115, 8509, 12075, -688, -1517, -2881, -4715, -12376, 1300, -2875, -83, -11960, 25]
graph @image(%x: i8[1x2x2x2]) -> (%y: i32[1x3x3x2]) stage integer {
  %y = conv_transpose %x, @w {stride = [2, 1], dilation = [1, 2], groups = 2, pads = [0, 1, 1, 2]} : i32[1x3x3x2]
}

// -----

param @w : i8[1x2x1] = [1, 2]

graph @cropped(%x: i8[1x2x1]) -> (%y: i32[1x1x1]) stage integer {
  %y = conv_transpose %x, @w {pads = [2, 1]} : i32[1x1x1] // error: the pads [2, 1] crop all 3 positions of axis 1 away
}

// -----

param @w : i8[1x2x3] = [1, 2, 3, 4, 5, 6]

graph @channels(%x: i8[1x2x2]) -> (%y: i32[1x3x1]) stage integer {
  %y = conv_transpose %x, @w : i32[1x3x1] // error: x has 2 channels in 1 groups, w expects 3 per group
}

// -----

param @b : i32[2] = [1, 2]
param @w : i8[1x2x1] = [1, 2]

graph @bias(%x: i8[1x2x1]) -> (%y: i32[1x3x1]) stage integer {
  %y = conv_transpose %x, @w, @b : i32[1x3x1] // error: b has 2 elements for 1 output channels
}
