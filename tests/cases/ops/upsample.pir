// run: @nearest([189, 224, 227, 133, 208, 234]) == [189, 224, 189, 224, 189, 224, 227, 133, 227, 133, 208, 234, 208, 234]
graph @nearest(%x: u8[1x3x2]) -> (%y: u8[1x7x2]) stage integer {
  %y = upsample %x {size = 7} : u8[1x7x2]
}

// run: @shrinking([189, 224, 227, 133, 208, 234]) == [189, 224, 227, 133]
graph @shrinking(%x: u8[1x3x2]) -> (%y: u8[1x2x2]) stage integer {
  %y = upsample %x {size = 2} : u8[1x2x2]
}

// run: @corners([189, 224, 227, 133, 208, 234]) == [189, 224, 202, 194, 214, 163, 227, 133, 221, 167, 214, 200, 208, 234]
// run: @corners([255, 0, 0, 255, 255, 0]) == [255, 0, 170, 85, 85, 170, 0, 255, 85, 170, 170, 85, 255, 0]
graph @corners(%x: (u8[1x3x2] - 9) * 0.5) -> (%y: (u8[1x7x2] - 9) * 0.5) stage integer {
  %y = upsample %x {size = 7, mode = linear, align = align_corners} : (u8[1x7x2] - 9) * 0.5
}

// run: @half_pixel([189, 224, 227, 133, 208, 234]) == [189, 224, 194, 211, 211, 172, 227, 133, 219, 176, 211, 220, 208, 234]
graph @half_pixel(%x: u8[1x3x2]) -> (%y: u8[1x7x2]) stage integer {
  %y = upsample %x {size = 7, mode = linear} : u8[1x7x2]
}

// run: @to_one([189, 224, 227, 133, 208, 234]) == [189, 224]
graph @to_one(%x: u8[1x3x2]) -> (%y: u8[1x1x2]) stage integer {
  %y = upsample %x {size = 1, mode = linear, align = align_corners} : u8[1x1x2]
}

// -----

// Height first, then width, rounded after each.
// run: @image([-52, -117, -85, -121, -17, -123]) == [-52, -78, -117, -98, -85, -86, -78, -67, -89, -104, -121, -79, -17, -81, -123]
graph @image(%x: i8[1x2x3x1]) -> (%y: i8[1x3x5x1]) stage integer {
  %y = upsample %x {size = [3, 5], mode = linear} : i8[1x3x5x1]
}

// run: @image_corners([-52, -117, -85, -121, -17, -123]) == [-52, -84, -117, -101, -85, -86, -76, -67, -85, -104, -121, -69, -17, -70, -123]
graph @image_corners(%x: i8[1x2x3x1]) -> (%y: i8[1x3x5x1]) stage integer {
  %y = upsample %x {size = [3, 5], mode = linear, align = align_corners} : i8[1x3x5x1]
}

// -----

// run: @wide([2147483647, -2147483648]) == [2147483647, 0, -2147483648]
graph @wide(%x: i32[1x2x1]) -> (%y: i32[1x3x1]) stage integer {
  %y = upsample %x {size = 3, mode = linear, align = align_corners} : i32[1x3x1]
}

// -----

graph @dimensions(%x: i8[1x3x3x1]) -> (%y: i8[1x6x6x1]) stage integer {
  %y = upsample %x {size = 6} : i8[1x6x6x1] // error: size has 1 elements, 2 are needed
}

// -----

graph @nothing(%x: i8[1x3x1]) -> (%y: i8[1x1x1]) stage integer {
  %y = upsample %x {size = 0} : i8[1x1x1] // error: size contains 0
}

// -----

graph @mode(%x: i8[1x3x1]) -> (%y: i8[1x6x1]) stage integer {
  %y = upsample %x {size = 6, mode = cubic} : i8[1x6x1] // error: mode is one of nearest, linear
}
