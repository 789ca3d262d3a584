// run: @zero_point([148, 212, 109, 242, 224, 95]) == [77, 77, 77, 77, 148, 212, 109, 242]
graph @zero_point(%x: (u8[1x3x2] - 77) * 0.5) -> (%y: (u8[1x4x2] - 77) * 0.5) stage integer {
  %y = pad %x {pads = [2, -1]} : (u8[1x4x2] - 77) * 0.5
}

// run: @value([148, 212, 109, 242, 224, 95]) == [148, 212, 109, 242, 224, 95, 255, 255]
graph @value(%x: (u8[1x3x2] - 77) * 0.5) -> (%y: (u8[1x4x2] - 77) * 0.5) stage integer {
  %y = pad %x {pads = [0, 1], value = 255} : (u8[1x4x2] - 77) * 0.5
}

// -----

// run: @edge([-1, 0, 1, -2, -2, -2]) == [-1, -1, -1, -1, -1, 0, 0, 0, -1, -1, -1, -1, -1, 0, 0, 0]
graph @edge(%x: i2[1x3x2x1]) -> (%y: i2[1x2x8x1]) stage integer {
  %y = pad %x {pads = [1, 4, -2, 2], pad_mode = edge} : i2[1x2x8x1]
}

// run: @reflect([-1, 0, 1, -2, -2, -2]) == [-2, -2, -2, -2, -2, 1, -2, 1, 0, -1, 0, -1, -2, 1, -2, 1, -2, -2, -2, -2, -2, 1, -2, 1]
graph @reflect(%x: i2[1x3x2x1]) -> (%y: i2[1x6x4x1]) stage integer {
  %y = pad %x {pads = [2, 1, 1, 1], pad_mode = reflect} : i2[1x6x4x1]
}

// -----

graph @value_range(%x: i4[1x3x1]) -> (%y: i4[1x4x1]) stage integer {
  %y = pad %x {pads = [1, 0], value = 8} : i4[1x4x1] // error: value 8 is not a stored i4 of [-8, 7]
}

// -----

graph @fraction(%x: i8[1x3x1] * 0.5) -> (%y: i8[1x4x1] * 0.5) stage integer {
  %y = pad %x {pads = [1, 0], value = 0.5} : i8[1x4x1] * 0.5 // error: value 0.5 is not a stored i8
}

// -----

graph @reflect(%x: i8[1x3x1]) -> (%y: i8[1x6x1]) stage integer {
  %y = pad %x {pads = [3, 0], pad_mode = reflect} : i8[1x6x1] // error: reflect pads must be smaller than the size 3
}

// -----

graph @everything(%x: i8[1x3x1]) -> (%y: i8[1x2x1]) stage integer {
  %y = pad %x {pads = [-3, 2]} : i8[1x2x1] // error: crop all 3 positions away
}

// -----

graph @edge_value(%x: i8[1x3x1]) -> (%y: i8[1x4x1]) stage integer {
  %y = pad %x {pads = [1, 0], pad_mode = edge, value = 1} : i8[1x4x1] // error: value is for constant
}
