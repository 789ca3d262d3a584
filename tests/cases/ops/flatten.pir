// run: @features([1, 2, 3, 4, 5, 6, 7, 8]) == [1, 2, 3, 4, 5, 6, 7, 8]
graph @features(%x: i8[2x2x2]) -> (%y: i8[2x4]) stage integer {
  %y = flatten %x : i8[2x4]
}

// run: @all([1, 2, 3, 4]) == [1, 2, 3, 4]
graph @all(%x: i8[1x2x2]) -> (%y: i8[4]) stage integer {
  %y = flatten %x {axis = 0} : i8[4]
}

// run: @from_the_end([1, 2, 3, 4]) == [1, 2, 3, 4]
graph @from_the_end(%x: i8[1x2x2]) -> (%y: i8[1x4]) stage integer {
  %y = flatten %x {axis = -2} : i8[1x4]
}

// -----
graph @batch(%x: f32[Nx2x2]) -> (%y: f32[Nx4]) stage float {
  %y = flatten %x : f32[Nx4]
}

// -----
graph @joins_batch(%x: f32[Nx2x2]) -> (%y: f32[4]) stage float {
  %y = flatten %x {axis = 0} : f32[4] // error: the symbolic batch N cannot be joined
}

// -----
graph @no_axis(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = flatten %x {axis = 2} : i8[1x2] // error: axis 2 does not exist in rank 2
}
