// run: @plain([-128, -1, 0, 1, 127]) == [0, 0, 0, 1, 127]
graph @plain(%x: i8[1x5]) -> (%y: i8[1x5]) stage integer {
  %y = relu %x : i8[1x5]
}

// run: @accumulator([-2147483648, -1, 2147483647]) == [0, 0, 2147483647]
graph @accumulator(%x: i32[1x3]) -> (%y: i32[1x3]) stage integer {
  %y = relu %x : i32[1x3]
}

// -----
// Zero is the zero point, wherever it lies.
// run: @high([0, 254, 255]) == [255, 255, 255]
graph @high(%x: (u8[1x3] - 255) * 0.5) -> (%y: (u8[1x3] - 255) * 0.5) stage integer {
  %y = relu %x : (u8[1x3] - 255) * 0.5
}

// run: @negative([-2, -1, 0, 1]) == [-1, -1, 0, 1]
graph @negative(%x: (i2[1x4] + 1) * 0.5) -> (%y: (i2[1x4] + 1) * 0.5) stage integer {
  %y = relu %x : (i2[1x4] + 1) * 0.5
}

// -----
graph @other_type(%x: i8[1x5]) -> (%y: u8[1x5]) stage integer {
  %y = relu %x : u8[1x5] // error: relu gives another type
}

// -----
graph @attribute(%x: i8[1x5]) -> (%y: i8[1x5]) stage integer {
  %y = relu %x {slope = 1} : i8[1x5] // error: relu has no attribute slope
}
