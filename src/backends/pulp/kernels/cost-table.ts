/** Costs in cycles, by variant and kind of work: written by `npm run calibrate`. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
  "matmul.bytes": [250, 600, 61, 45, 190, 25, 40],
  "matmul.elements": [170, 30, 40, 9],
  "copy.repeated.elements.chw": [160, 40, 29],
  "copy.repeated.rows": [110, 55, 4, 16],
  "copy.repeated.elements.hwc": [160, 45, 18.6],
  "copy.repeated.runs": [100, 52, 2.22],
  "copy.turned.chw": [110, 62, 20.8, 26],
  "copy.turned.hwc": [95, 62, 19.5, 30],
  // 300 tiles: 3.7 % off on average, 37.2 % at most.
  conv: [0, 206.723, 102.104, 0, 19.39, 1.014, 0.003],
  // 6 tiles: 4.8 % off on average, 12.0 % at most.
  "copy.elements.chw": [169.265, 22.964, 13.452],
  // 12 tiles: 1.8 % off on average, 4.3 % at most.
  "copy.elements.hwc": [163.524, 18.945, 15.711],
  // 18 tiles: 6.1 % off on average, 24.0 % at most.
  "copy.runs": [92.437, 37.739, 2.526],
  // 64 tiles: 6.0 % off on average, 45.9 % at most.
  "copy.whole": [48.655, 2.033],
  // 57 tiles: 4.2 % off on average, 19.4 % at most.
  "depthwise.pixels": [221.822, 110.584, 20.981, 0.995, 14.187, 31.417, 16.6, 98.538, 98.538, 10.949],
  // 14 tiles: 3.1 % off on average, 17.9 % at most.
  "depthwise.plain": [0, 0, 0, 0, 0, 358.365, 0, 0, 28.571, 22.431],
  // 29 tiles: 4.9 % off on average, 15.0 % at most.
  "depthwise.planes": [210.112, 81.037, 5.067, 0.972, 0, 0, 0, 0, 0, 0],
  // 113 tiles: 4.1 % off on average, 22.2 % at most.
  "elementwise.elements.chw": [
    177.352, 25.478, 2.673, 4.869, 3.339, 0, 2.011, 2.071, 1.219, 24.242, 4.957, 4.309, 3.011,
  ],
  // 104 tiles: 4.7 % off on average, 28.6 % at most.
  "elementwise.elements.hwc": [
    165.151, 23.038, 3.602, 5.526, 2.318, 0, 2.952, 2.459, 1.026, 22.796, 6.723, 6.831, 4.427,
  ],
  // 55 tiles: 2.5 % off on average, 14.5 % at most.
  "elementwise.sum": [100.786, 1.003],
  // 15 tiles: 1.4 % off on average, 2.4 % at most.
  "elementwise.words.chw": [190.462, 28.798, 8.582, 5.212, 0, 10.069, 8.582, 8.582, 0, 0, 0, 6.3],
  // 104 tiles: 3.2 % off on average, 35.5 % at most.
  "elementwise.words.flat": [55.274, 0, 0, 0, 0, 22.825, 25.046, 10.972, 73.622, 10.972, 27.196, 0],
  // 9 tiles: 0.8 % off on average, 1.4 % at most.
  "elementwise.words.hwc": [189.866, 28.585, 8.425, 6.772, 0, 12.474, 8.425, 8.425, 0, 0, 0, 7.343],
  // 13 tiles: 0.8 % off on average, 2.3 % at most.
  "global.elements": [201.549, 21.531, 9.868, 7.001],
  // 13 tiles: 0.7 % off on average, 2.0 % at most.
  "global.elements64": [201.463, 72.996, 6.514, 6.906],
  // 12 tiles: 1.9 % off on average, 5.4 % at most.
  "global.pixels": [24.913, 172.17, 5.017],
  // 15 tiles: 2.0 % off on average, 4.2 % at most.
  "global.pixels64": [4.923, 280.771, 5.079],
  // 20 tiles: 5.1 % off on average, 14.0 % at most.
  "global.rows": [224.144, 29.679, 24.459, 5.112, 4.518],
  // 27 tiles: 2.8 % off on average, 7.4 % at most.
  "global.rows64": [204.276, 61.673, 21.55, 5.045, 5.661],
  // 14 tiles: 1.3 % off on average, 2.7 % at most.
  "pool.max": [100.031, 27.46, 10.922, 2.341, 0.145, 2.635, 1.23],
  // 49 tiles: 9.6 % off on average, 37.1 % at most.
  "pool.max.elements.chw": [158.765, 41.782, 0, 5.135, 2.284, 1.907, 6.412, 0, 0, 3.219],
  // 32 tiles: 3.3 % off on average, 19.4 % at most.
  "pool.max.elements.hwc": [176.948, 20.932, 8.127, 3.157, 1.786, 4.65, 3.746, 0, 0, 0],
  // 13 tiles: 1.5 % off on average, 3.1 % at most.
  "pool.mean": [143.852, 0, 0, 29.906, 0, 39.077, 5.791],
  // 30 tiles: 5.6 % off on average, 30.3 % at most.
  "pool.mean.elements.chw": [175.173, 41.012, 2.23, 0.419, 6.013, 0.017, 12.018, 0, 0, 1.146],
  // 25 tiles: 5.3 % off on average, 19.8 % at most.
  "pool.mean.elements.hwc": [200.618, 11.823, 11.12, 4.573, 3.727, 3.112, 0, 0, 0, 0],
  // 4 tiles: 0.0 % off on average, 0.0 % at most.
  "pool.mean64": [25.367, 25.366, 0, 35.312, 4.031, 100.637, 9.858],
  // 23 tiles: 2.0 % off on average, 8.7 % at most.
  "pool.mean64.elements.chw": [217.368, 36.591, 26.36, 0, 5.604, 0.23, 0, 4.401, 0, 1.245],
  // 10 tiles: 3.8 % off on average, 7.0 % at most.
  "pool.mean64.elements.hwc": [135.652, 106.288, 0, 19.546, 6.584, 0, 0, 0, 0, 0],
  // 26 tiles: 3.4 % off on average, 9.1 % at most.
  "upsample.columns": [143.915, 49.957, 7.905, 4.772],
  // 12 tiles: 5.3 % off on average, 13.6 % at most.
  "upsample.linear.both": [146.741, 183.08, 69.888, 54.254, 21.669, 2.179],
  // 29 tiles: 6.8 % off on average, 26.2 % at most.
  "upsample.linear.one": [138.189, 138.189, 85.099, 14.873, 12.157, 0],
  // 8 tiles: 1.7 % off on average, 3.9 % at most.
  "upsample.linear1.chw": [203.045, 155.199, 24.816, 24.816, 24.816, 24.816],
  // 12 tiles: 2.2 % off on average, 3.8 % at most.
  "upsample.linear1.hwc": [212.441, 92.203, 6.653, 6.653, 6.653, 6.653],
  // 10 tiles: 2.7 % off on average, 5.1 % at most.
  "upsample.linear2.chw": [489.784, 75.901, 29.91, 29.91, 63.152, 0],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.linear2.hwc": [261.182, 188.151, 10.237, 10.237, 10.237, 10.237],
  // 33 tiles: 6.4 % off on average, 22.5 % at most.
  "upsample.nearest": [70.705, 76.846, 32.954, 2.118],
  // 29 tiles: 21.5 % off on average, 47.5 % at most.
  "upsample.nearest.chw": [148.612, 24.423, 11.652, 11.652, 5.476, 0],
  // 24 tiles: 5.1 % off on average, 11.4 % at most.
  "upsample.nearest.columns": [55.445, 23.299, 3.004],
  // 14 tiles: 5.9 % off on average, 14.4 % at most.
  "upsample.nearest.hwc": [7.95, 54.997, 4.174, 4.174, 5.626, 4.174],
};
