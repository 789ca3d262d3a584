/** Costs in cycles, by variant and kind of work: written by `npm run calibrate`, which keeps those that it draws no tiles of. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
  // 240 tiles: 3.9 % off on average, 35.4 % at most.
  conv: [0, 211.66, 96.986, 0, 16.276, 1.017, 0.003],
  // 6 tiles: 4.8 % off on average, 12.0 % at most.
  "copy.elements.chw": [169.265, 22.964, 13.452],
  // 6 tiles: 1.9 % off on average, 2.7 % at most.
  "copy.elements.hwc": [169.131, 19.161, 15.572],
  "copy.repeated.elements.chw": [160, 40, 29],
  "copy.repeated.elements.hwc": [160, 45, 18.6],
  "copy.repeated.rows": [110, 55, 4, 16],
  "copy.repeated.runs": [100, 52, 2.22],
  // 15 tiles: 6.9 % off on average, 23.1 % at most.
  "copy.runs": [91.514, 38.342, 2.485],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "copy.turned.chw": [122.939, 122.939, 18.394, 32.061],
  // 6 tiles: 8.6 % off on average, 19.2 % at most.
  "copy.turned.hwc": [138.276, 47.13, 14.681, 0],
  // 50 tiles: 6.7 % off on average, 45.5 % at most.
  "copy.whole": [48.001, 2.053],
  // 45 tiles: 4.2 % off on average, 19.5 % at most.
  "depthwise.pixels": [213.197, 91.36, 14.99, 0.988, 60.482, 47.481, 16.536, 96.344, 96.344, 10.705],
  // 14 tiles: 3.0 % off on average, 17.9 % at most.
  "depthwise.plain": [0, 0, 0, 0, 0, 351.76, 0, 0, 28.626, 22.426],
  // 21 tiles: 2.6 % off on average, 9.4 % at most.
  "depthwise.planes": [150.128, 88.698, 13.983, 0.984, 0, 0, 0, 0, 0, 0],
  // 89 tiles: 5.7 % off on average, 22.6 % at most.
  "elementwise.elements.chw": [
    187.698, 25.207, 7.56, 4.039, 0.388, 0.244, 2.172, 2.313, 1.72, 23.493, 2.646, 2.28, 0.087,
  ],
  // 77 tiles: 4.5 % off on average, 33.7 % at most.
  "elementwise.elements.hwc": [
    167.391, 22.506, 7.788, 6.073, 0.282, 0, 2.618, 2.57, 1.514, 21.908, 3.725, 4.355, 2.031,
  ],
  // 48 tiles: 2.3 % off on average, 10.8 % at most.
  "elementwise.sum": [96.419, 1.006],
  // 9 tiles: 1.1 % off on average, 2.7 % at most.
  "elementwise.words.chw": [187.488, 30.424, 8.408, 5.322, 0, 10.117, 8.408, 8.408, 0, 0, 0, 6.498],
  // 91 tiles: 3.0 % off on average, 35.8 % at most.
  "elementwise.words.flat": [56.162, 0, 0, 0, 0, 22.675, 21.927, 17.526, 78.259, 7.286, 27.434, 0],
  // 6 tiles: 0.9 % off on average, 2.1 % at most.
  "elementwise.words.hwc": [203.904, 28.528, 8.31, 6.851, 0, 13.025, 8.31, 8.31, 0, 0, 0, 7.177],
  // 11 tiles: 0.7 % off on average, 2.4 % at most.
  "global.elements": [201.597, 19.442, 10.198, 7.035],
  // 11 tiles: 0.7 % off on average, 1.2 % at most.
  "global.elements64": [199.326, 72.308, 6.526, 6.932],
  // 9 tiles: 1.0 % off on average, 1.6 % at most.
  "global.pixels": [174.86, 180.569, 5.078],
  // 13 tiles: 1.5 % off on average, 3.8 % at most.
  "global.pixels64": [177.39, 277.976, 5.145],
  // 18 tiles: 5.1 % off on average, 13.4 % at most.
  "global.rows": [219.833, 28.483, 26.417, 5.08, 4.168],
  // 18 tiles: 2.3 % off on average, 8.8 % at most.
  "global.rows64": [207.004, 65.273, 21.673, 4.83, 4.953],
  "matmul.bytes": [250, 600, 61, 45, 190, 25, 40],
  "matmul.elements": [170, 30, 40, 9],
  // 11 tiles: 1.5 % off on average, 4.2 % at most.
  "pool.max": [102.578, 33.718, 8.674, 2.687, 0, 2.415, 1.304],
  // 41 tiles: 10.5 % off on average, 33.3 % at most.
  "pool.max.elements.chw": [158.545, 44.829, 0, 5.079, 2.198, 1.776, 3.643, 0, 0, 4.143],
  // 22 tiles: 3.6 % off on average, 16.9 % at most.
  "pool.max.elements.hwc": [178.586, 18.66, 8.206, 3.309, 1.864, 4.6, 3.247, 0, 0, 0],
  // 11 tiles: 0.9 % off on average, 1.8 % at most.
  "pool.mean": [141.864, 0, 0, 30.382, 0, 38.887, 5.799],
  // 25 tiles: 5.8 % off on average, 25.4 % at most.
  "pool.mean.elements.chw": [167.663, 45.982, 0, 2.788, 5.931, 0, 11.936, 0, 0, 1.201],
  // 20 tiles: 5.4 % off on average, 18.4 % at most.
  "pool.mean.elements.hwc": [213.189, 0, 12.776, 5.214, 2.975, 3.784, 0, 0, 0, 0],
  // 4 tiles: 0.0 % off on average, 0.0 % at most.
  "pool.mean64": [28.575, 28.575, 0, 35.946, 3.51, 102.185, 9.118],
  // 18 tiles: 1.7 % off on average, 6.7 % at most.
  "pool.mean64.elements.chw": [246.061, 31.844, 25.682, 0, 5.801, 0, 26.823, 6.706, 0.268, 0.268],
  // 8 tiles: 2.1 % off on average, 3.4 % at most.
  "pool.mean64.elements.hwc": [105.545, 143.985, 0, 18.352, 6.324, 0, 0, 0, 0, 0],
  // 19 tiles: 3.0 % off on average, 7.9 % at most.
  "upsample.columns": [145.418, 50.285, 7.555, 4.784],
  // 9 tiles: 1.8 % off on average, 4.1 % at most.
  "upsample.linear.both": [194.356, 190.906, 76.424, 56.735, 16.016, 0.056],
  // 26 tiles: 7.4 % off on average, 24.6 % at most.
  "upsample.linear.one": [134.644, 134.644, 86.919, 12.958, 12.438, 0],
  // 7 tiles: 1.5 % off on average, 4.0 % at most.
  "upsample.linear1.chw": [175.941, 180.968, 24.618, 24.618, 24.618, 24.618],
  // 10 tiles: 2.0 % off on average, 3.2 % at most.
  "upsample.linear1.hwc": [206.387, 97.991, 6.479, 6.479, 6.479, 6.479],
  // 8 tiles: 1.0 % off on average, 1.9 % at most.
  "upsample.linear2.chw": [358.317, 137.462, 24.814, 24.814, 66.964, 2.75],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.linear2.hwc": [266, 186.7, 10.248, 10.248, 10.248, 10.248],
  // 23 tiles: 6.9 % off on average, 22.9 % at most.
  "upsample.nearest": [79.448, 68.876, 32.51, 2.145],
  // 23 tiles: 19.0 % off on average, 49.3 % at most.
  "upsample.nearest.chw": [168.803, 14.547, 12.59, 12.59, 2.615, 0],
  // 20 tiles: 5.5 % off on average, 10.9 % at most.
  "upsample.nearest.columns": [62.054, 23.43, 2.913],
  // 12 tiles: 6.1 % off on average, 14.6 % at most.
  "upsample.nearest.hwc": [0, 54.147, 4.304, 4.304, 5.587, 4.304],
};
