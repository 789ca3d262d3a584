// run: @time([1, 0, 2, 3], [2, 3], [2, 0, 3, 1, 3, 3]) == [1, 0, 2, 3, 2, 3, 2, 0, 3, 1, 3, 3]
graph @time(%a: u2[1x2x2], %b: u2[1x1x2], %c: u2[1x3x2]) -> (%y: u2[1x6x2]) stage integer {
  %y = concat %a, %b, %c {axis = 1} : u2[1x6x2]
}

// -----

// run: @channels([9, -9, 7, 2], [0, 6, 9, 0, -8, 4, -5, -5, -6, -6, 8, -3]) == [9, 0, 6, 9, 9, -9, 0, -8, 4, -9, 7, -5, -5, -6, 7, 2, -6, 8, -3, 2]
graph @channels(%a: (i8[1x2x2x1] - 3) * 0.5, %b: (i8[1x2x2x3] - 3) * 0.5) -> (%y: (i8[1x2x2x5] - 3) * 0.5) stage integer {
  %y = concat %a, %b, %a {axis = -1} : (i8[1x2x2x5] - 3) * 0.5
}

// -----

graph @scales(%a: i8[1x2] * 0.5, %b: i8[1x2] * 0.25) -> (%y: i8[1x4] * 0.5) stage integer {
  %y = concat %a, %b {axis = 1} : i8[1x4] * 0.5 // error: xs[1] is i8[1x2] * 0.25, xs[0] is i8[1x2] * 0.5
}

// -----

graph @storages(%a: i8[1x2], %b: u8[1x2]) -> (%y: i8[1x4]) stage integer {
  %y = concat %a, %b {axis = 1} : i8[1x4] // error: put requant on one of them
}

// -----

graph @sizes(%a: i8[1x2x3], %b: i8[1x2x4]) -> (%y: i8[1x4x3]) stage integer {
  %y = concat %a, %b {axis = 1} : i8[1x4x3] // error: axis 2 has 4 in xs[1] and 3 in xs[0]
}

// -----

graph @axis(%a: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = concat %a {axis = 2} : i8[1x2] // error: axis 2 does not exist in rank 2
}
