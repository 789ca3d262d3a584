// The border windows hold 2 and 1 elements: reciprocals of 15 bits.
// run: @excluding([54, 76, 234, 208, 215, 151, 28, 191, 154, 232]) == [1114112, 1835008, 4838889, 4096125, 3681051, 5614422]
// run: @excluding([255, 255, 255, 255, 255, 255, 255, 255, 255, 255]) == [7700480, 7700480, 7700715, 7700715, 7700715, 7700715]
graph @excluding(%x: (u8[1x5x2] - 20) * 0.5) -> (%y: i32[1x3x2] * 0.0000152587890625) stage integer {
  %y = avgpool %x {kernel = 3, stride = 2, pads = [2, 1]} : i32[1x3x2] * 0.0000152587890625
}

// Pads count: they hold the zero point, which adds nothing.
// run: @including([54, 76, 234, 208, 215, 151, 28, 191, 154, 232]) == [248, 244, 451, 546, 337, 514]
graph @including(%x: (u8[1x5x2] - 20) * 0.5) -> (%y: i32[1x3x2] * 0.125) stage integer {
  %y = avgpool %x {kernel = 4, stride = 2, pads = [2, 1], count_include_pad = true} : i32[1x3x2] * 0.125
}

// Negative pads crop, so that nothing has to be excluded.
// run: @cropping([54, 76, 234, 208, 215, 151, 28, 191, 154, 232]) == [409, 319, 203, 302, 142, 383]
graph @cropping(%x: (u8[1x5x2] - 20) * 0.5) -> (%y: i32[1x3x2] * 0.25) stage integer {
  %y = avgpool %x {kernel = 2, pads = [-1, 0]} : i32[1x3x2] * 0.25
}

// -----

// run: @image([-1, -2, 0, -1, 0, -1, -1, -2, 1]) == [-49152, -32769, -32768, -32768, -27305, -24576, -32768, -21844, -16384]
graph @image(%x: i2[1x3x3x1]) -> (%y: i32[1x3x3x1]) stage integer {
  %y = avgpool %x {kernel = [2, 3], pads = [1, 1, 0, 1]} : i32[1x3x3x1]
}

// -----

graph @blind(%x: i8[1x3x1]) -> (%y: i32[1x4x1]) stage integer {
  %y = avgpool %x {kernel = 2, pads = [2, 0]} : i32[1x4x1] // error: a window lies wholly in the pads and has no mean
}

// -----

graph @too_wide(%x: i8[1x3x1]) -> (%y: i32[1x1x1]) stage integer {
  %y = avgpool %x {kernel = 4} : i32[1x1x1] // error: a window that reaches over 4 positions does not fit into 3 with pads 0 and 0
}

// -----

graph @scale(%x: i8[1x4x1] * 0.5) -> (%y: i32[1x3x1] * 0.5) stage integer {
  %y = avgpool %x {kernel = 2} : i32[1x3x1] * 0.5 // error: avgpool gives another type than the one written
}
