// The table begins with the smallest value of the storage.
param @signed : i16[4] = [-300, -100, 0, 300]
param @unsigned : u8[4] = [3, 2, 1, 0]

// run: @signed([-2, -1, 0, 1]) == [-300, -100, 0, 300]
graph @signed(%x: i2[1x4]) -> (%y: i16[1x4]) stage integer {
  %y = lut %x, @signed : i16[1x4]
}

// run: @unsigned([0, 1, 2, 3]) == [3, 2, 1, 0]
graph @unsigned(%x: u2[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = lut %x, @unsigned : u8[1x4]
}

// -----
// The scale of the result is a choice, as long as the table does not make it.
param @table : u8[4] = [9, 4, 1, 0]

// run: @square([-2, 1]) == [9, 0]
graph @square(%x: i2[1x2] * 0.5) -> (%y: u8[1x2] * 0.25) stage integer {
  %y = lut %x, @table : u8[1x2] * 0.25
}

// -----
// What comes after sees the table's range: this slope would not be proven for any i16.
param @steep : i32[1] = [100000]
param @table : i16[4] = [-1, 0, 0, 1]

// run: @bounded([-2, 1]) == [-100000, 1]
graph @bounded(%x: i2[1x2]) -> (%y: i32[1x2]) stage integer {
  %t = lut %x, @table : i16[1x2]
  %y = prelu %t, @steep : i32[1x2]
}

// -----
param @table : u8[4] = [0, 1, 2, 3]

graph @short(%x: u4[1x2]) -> (%y: u8[1x2]) stage integer {
  %y = lut %x, @table : u8[1x2] // error: table has 4 entries; u4 has 16 values
}

// -----
param @table : u8[4] = [0, 1, 2, 3]

graph @storage(%x: u2[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = lut %x, @table : i8[1x2] // error: lut gives another type
}

// -----
param @table : u8[4] * 0.5 = [0, 1, 2, 3]

graph @scale(%x: u2[1x2]) -> (%y: u8[1x2] * 0.25) stage integer {
  %y = lut %x, @table : u8[1x2] * 0.25 // error: the table's scale is not the result's
}
