// Kernel larger than the input; the storage minimum stands in the pads, not the zero point.
// run: @pads([-18, -87, 4, 10, 115, 62]) == [4, 10, 115, 62, 115, 62]
// run: @pads([-128, -128, -128, -128, -128, -128]) == [-128, -128, -128, -128, -128, -128]
graph @pads(%x: (i8[1x3x2] - 5) * 0.5) -> (%y: (i8[1x3x2] - 5) * 0.5) stage integer {
  %y = maxpool %x {kernel = 4, pads = [2, 1]} : (i8[1x3x2] - 5) * 0.5
}

// run: @only_pads([-18, -87, 4, 10, 115, 62]) == [-128, -128, -18, -87, 4, 10, 115, 62]
graph @only_pads(%x: i8[1x3x2]) -> (%y: i8[1x4x2]) stage integer {
  %y = maxpool %x {kernel = 1, pads = [1, 0]} : i8[1x4x2]
}

// -----

// run: @image([4, 12, 12, 10, 10, 4, 11, 2, 10, 14, 15, 4, 5, 9, 6, 11, 3, 2, 0, 7]) == [11, 14, 12, 10, 11, 14]
graph @image(%x: u4[1x4x5x1]) -> (%y: u4[1x3x2x1]) stage integer {
  %y = maxpool %x {kernel = [2, 3], stride = [1, 2], dilation = [2, 1], pads = [1, -1, 0, 1]} : u4[1x3x2x1]
}

// -----

graph @too_wide(%x: i8[1x3x1]) -> (%y: i8[1x1x1]) stage integer {
  %y = maxpool %x {kernel = 3, dilation = 2} : i8[1x1x1] // error: a window that reaches over 5 positions does not fit into 3 with pads 0 and 0
}

// -----

graph @no_kernel(%x: i8[1x3x1]) -> (%y: i8[1x1x1]) stage integer {
  %y = maxpool %x : i8[1x1x1] // error: maxpool needs kernel
}

// -----

graph @dimensions(%x: i8[1x3x3x1]) -> (%y: i8[1x1x1x1]) stage integer {
  %y = maxpool %x {kernel = 3} : i8[1x1x1x1] // error: kernel has 1 elements, 2 are needed
}
