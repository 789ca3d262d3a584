// run: @image([-1, -5, 7, -6, 0, 7, 0, 6, 6, 4, 3, 1]) == [0, 3]
graph @image(%x: i4[1x3x4x1] * 0.5) -> (%y: i4[1x2x1x1] * 0.5) stage integer {
  %y = crop %x {edges = [1, 2, 0, 1]} : i4[1x2x1x1] * 0.5
}

// -----

// run: @wide([-2147483648, 2147483647, 0]) == [2147483647]
graph @wide(%x: i32[1x3x1]) -> (%y: i32[1x1x1]) stage integer {
  %y = crop %x {edges = [1, 1]} : i32[1x1x1]
}

// -----

graph @everything(%x: i8[1x3x1]) -> (%y: i8[1x1x1]) stage integer {
  %y = crop %x {edges = [2, 1]} : i8[1x1x1] // error: the edges [2, 1] leave nothing of the 3 positions of axis 1
}

// -----

graph @negative(%x: i8[1x3x1]) -> (%y: i8[1x4x1]) stage integer {
  %y = crop %x {edges = [-1, 0]} : i8[1x4x1] // error: edges contains -1
}
