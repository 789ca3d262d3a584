// run: @steps([1, 2, 6, 5, 4, 15, 13, 9, 15, 5, 2, 4, 1, 15, 3]) == [5, 4, 15, 5, 2, 4]
graph @steps(%x: (u4[1x5x3] - 7) * 0.5) -> (%y: (u4[1x2x3] - 7) * 0.5) stage integer {
  %y = slice %x {axis = 1, begin = 1, end = 5, step = 2} : (u4[1x2x3] - 7) * 0.5
}

// run: @channels([1, 2, 6, 5, 4, 15, 13, 9, 15, 5, 2, 4, 1, 15, 3]) == [1, 6, 5, 15, 13, 15, 5, 4, 1, 3]
graph @channels(%x: u4[1x5x3]) -> (%y: u4[1x5x2]) stage integer {
  %y = slice %x {axis = -1, end = 3, step = 2} : u4[1x5x2]
}

// -----

graph @range(%x: i8[1x5x1]) -> (%y: i8[1x4x1]) stage integer {
  %y = slice %x {axis = 1, begin = 2, end = 6} : i8[1x4x1] // error: [2, 6) is no range of the 5 indices of axis 1
}

// -----

graph @backwards(%x: i8[1x5x1]) -> (%y: i8[1x4x1]) stage integer {
  %y = slice %x {axis = 1, begin = 3, end = 3} : i8[1x4x1] // error: [3, 3) is no range of the 5 indices of axis 1
}

// -----

graph @batch(%x: f32[Nx5x1]) -> (%y: f32[Nx5x1]) stage float {
  %y = slice %x {axis = 0, end = 1} : f32[Nx5x1] // error: the symbolic batch N cannot be sliced
}

// -----

param @s : f32[3] = [1, 2, 3]

graph @scales(%x: i8[1x5x3] * @s axis 2) -> (%y: i8[1x5x2]) stage integer {
  %y = slice %x {axis = 2, end = 2} : i8[1x5x2] // error: @s holds one scale per index of axis 2
}
