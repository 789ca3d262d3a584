// run: @both([-128, -3, -2, 0, 5, 6, 127]) == [-2, -2, -2, 0, 5, 5, 5]
graph @both(%x: i8[1x7]) -> (%y: i8[1x7]) stage integer {
  %y = clip %x {lo = -2, hi = 5} : i8[1x7]
}

// run: @below([0, 3, 15]) == [3, 3, 15]
graph @below(%x: u4[1x3]) -> (%y: u4[1x3]) stage integer {
  %y = clip %x {lo = 3} : u4[1x3]
}

// run: @above([-2147483648, 2147483647]) == [-2147483648, 0]
graph @above(%x: i32[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = clip %x {hi = 0} : i32[1x2]
}

// run: @neither([-2, 1]) == [-2, 1]
graph @neither(%x: i2[1x2]) -> (%y: i2[1x2]) stage integer {
  %y = clip %x : i2[1x2]
}

// -----
// Limits are stored values: 6.0 real is 100 + 12 here.
// run: @relu6([0, 100, 111, 113]) == [100, 100, 111, 112]
graph @relu6(%x: (u8[1x4] - 100) * 0.5) -> (%y: (u8[1x4] - 100) * 0.5) stage integer {
  %y = clip %x {lo = 100, hi = 112} : (u8[1x4] - 100) * 0.5
}

// -----
graph @crossed(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = clip %x {lo = 1, hi = 0} : i8[1x2] // error: lo = 1 lies above hi = 0
}

// -----
graph @outside(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = clip %x {hi = 128} : i8[1x2] // error: hi = 128 is no stored value of i8
}

// -----
graph @fraction(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = clip %x {lo = -0.5} : i8[1x2] // error: lo = -0.5 is no stored value of i8
}
