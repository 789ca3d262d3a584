// run: @image([193, 119, 60, 160, 105, 162, 23, 47, 188, 15, 173, 105, 0, 195, 179, 208, 229, 186, 215, 28, 235, 233, 177, 205]) == [-121, -68, 3, 144, 117, 293]
graph @image(%x: (u8[2x2x2x3] - 128) * 0.5) -> (%y: i32[2x1x1x3] * 0.125) stage integer {
  %y = global_avgpool %x : i32[2x1x1x3] * 0.125
}

// -----

// run: @length([-8, 7, -8, 7, -8, 7]) == [-24, 21]
graph @length(%x: i4[1x3x2]) -> (%y: i32[1x1x2]) stage integer {
  %y = global_avgpool %x : i32[1x1x2]
}

// -----

graph @flat(%x: i8[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = global_avgpool %x : i32[1x1] // error: x has rank 2, global_avgpool takes rank 3 or 4
}

// -----

graph @wide(%x: i32[1x3x1]) -> (%y: i32[1x1x1]) stage integer {
  %y = global_avgpool %x : i32[1x1x1] // error: x is i32
}
