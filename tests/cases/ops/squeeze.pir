// run: @one([1, 2, 3]) == [1, 2, 3]
graph @one(%x: i8[1x1x3]) -> (%y: i8[1x3]) stage integer {
  %y = squeeze %x {axes = 1} : i8[1x3]
}

// run: @two([1, 2, 3]) == [1, 2, 3]
graph @two(%x: i8[1x3x1x1]) -> (%y: i8[1x3]) stage integer {
  %y = squeeze %x {axes = [-1, -2]} : i8[1x3]
}

// -----
graph @long(%x: i8[1x2x3]) -> (%y: i8[1x3]) stage integer {
  %y = squeeze %x {axes = 1} : i8[1x3] // error: axis 1 has size 2
}

// -----
graph @batch(%x: f32[Nx1x3]) -> (%y: f32[1x3]) stage float {
  %y = squeeze %x {axes = 0} : f32[1x3] // error: axis 0 has size N
}

// -----
graph @twice(%x: i8[1x1x3]) -> (%y: i8[3]) stage integer {
  %y = squeeze %x {axes = [0, -3]} : i8[3] // error: axis -3 is named twice
}

// -----
graph @nothing_left(%x: i8[1x1]) -> (%y: i8[1]) stage integer {
  %y = squeeze %x {axes = [0, 1]} : i8[1] // error: no dimension would be left
}
