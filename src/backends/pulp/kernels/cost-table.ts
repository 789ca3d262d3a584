/** Costs in cycles, by variant and kind of work: written by `npm run calibrate`, which keeps those that it draws no tiles of. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
  // 270 tiles: 3.7 % off on average, 38.1 % at most.
  conv: [0, 207.787, 102.096, 0, 18.327, 1.018, 0.002],
  "copy.elements.chw": [169.265, 22.964, 13.452],
  // 6 tiles: 1.8 % off on average, 2.7 % at most.
  "copy.elements.hwc": [165.66, 19.029, 15.59],
  // 12 tiles: 4.2 % off on average, 11.2 % at most.
  "copy.repeated.elements.chw": [226.867, 22.665, 25.472],
  // 11 tiles: 1.2 % off on average, 3.4 % at most.
  "copy.repeated.elements.hwc": [172.131, 32.815, 18.059],
  // 34 tiles: 5.7 % off on average, 16.8 % at most.
  "copy.repeated.rows": [145.365, 81.279, 3.594, 11.423],
  // 33 tiles: 4.3 % off on average, 22.2 % at most.
  "copy.repeated.runs": [108.458, 50.047, 2.015],
  // 16 tiles: 6.6 % off on average, 23.2 % at most.
  "copy.runs": [91.01, 38.283, 2.478],
  "copy.turned.chw": [125.924, 125.924, 18.242, 30.576],
  // 6 tiles: 9.0 % off on average, 20.0 % at most.
  "copy.turned.hwc": [139.456, 47.108, 14.264, 0],
  // 57 tiles: 6.1 % off on average, 45.9 % at most.
  "copy.whole": [48.542, 2.033],
  // 52 tiles: 4.1 % off on average, 18.6 % at most.
  "depthwise.pixels": [212.719, 110.583, 14.373, 1.005, 33.866, 43.091, 16.316, 91.806, 91.806, 10.201],
  // 14 tiles: 3.0 % off on average, 17.9 % at most.
  "depthwise.plain": [0, 0, 0, 0, 0, 355.731, 0, 0, 28.444, 22.452],
  // 24 tiles: 4.1 % off on average, 14.6 % at most.
  "depthwise.planes": [183.033, 90.05, 7.487, 0.975, 0, 0, 0, 0, 0, 0],
  // 103 tiles: 5.4 % off on average, 25.5 % at most.
  "elementwise.elements.chw": [
    185.478, 25.343, 6.536, 4.284, 0.446, 0.704, 2.094, 2.823, 2.227, 24.318, 2.481, 3.199, 0,
  ],
  // 88 tiles: 4.6 % off on average, 33.0 % at most.
  "elementwise.elements.hwc": [
    168.339, 22.257, 7.71, 5.959, 0.404, 0, 2.468, 2.498, 1.584, 22.224, 3.679, 3.845, 2.04,
  ],
  // 51 tiles: 2.2 % off on average, 11.0 % at most.
  "elementwise.sum": [97.099, 1.004],
  "elementwise.words.chw": [205.634, 23.914, 8.62, 5.319, 0, 10.204, 8.62, 8.62, 0, 0, 0, 6.486],
  // 100 tiles: 2.8 % off on average, 35.8 % at most.
  "elementwise.words.flat": [56.14, 0, 0, 0, 0, 22.748, 22.204, 17.17, 76.737, 7.359, 27.386, 0],
  "elementwise.words.hwc": [193.002, 28.486, 8.424, 6.777, 0, 12.952, 8.424, 8.424, 0, 0, 0, 7.123],
  // 11 tiles: 0.6 % off on average, 2.0 % at most.
  "global.elements": [198.947, 21.451, 10.164, 7.029],
  // 13 tiles: 0.8 % off on average, 1.9 % at most.
  "global.elements64": [199.708, 71.679, 6.63, 6.911],
  // 11 tiles: 0.8 % off on average, 1.9 % at most.
  "global.pixels": [172.357, 186.681, 5.015],
  // 14 tiles: 1.4 % off on average, 3.9 % at most.
  "global.pixels64": [177.958, 275.76, 5.163],
  // 19 tiles: 5.1 % off on average, 14.4 % at most.
  "global.rows": [226.38, 28.999, 23.92, 5.164, 4.695],
  // 22 tiles: 2.2 % off on average, 8.3 % at most.
  "global.rows64": [204.897, 66.973, 21.737, 4.787, 4.822],
  // 59 tiles: 2.5 % off on average, 18.2 % at most.
  "matmul.bytes": [108.695, 529.1, 65.57, 64.822, 242.999, 36.063, 42.929],
  // 31 tiles: 0.8 % off on average, 2.3 % at most.
  "matmul.elements": [187.723, 38.972, 20.235, 10.174],
  // 12 tiles: 1.2 % off on average, 2.1 % at most.
  "pool.max": [98.441, 25.203, 13.891, 2.663, 0, 3.003, 1.034],
  // 45 tiles: 9.7 % off on average, 32.9 % at most.
  "pool.max.elements.chw": [158.831, 44.542, 0, 5.092, 2.232, 1.719, 3.581, 0, 0, 4.172],
  // 26 tiles: 3.2 % off on average, 17.1 % at most.
  "pool.max.elements.hwc": [176.744, 20.304, 8.255, 3.208, 1.828, 4.611, 3.371, 0, 0, 0],
  // 11 tiles: 1.1 % off on average, 2.0 % at most.
  "pool.mean": [143.453, 0, 0, 29.825, 0, 38.539, 6.023],
  // 30 tiles: 5.5 % off on average, 30.2 % at most.
  "pool.mean.elements.chw": [176.655, 40.172, 2.212, 0.472, 6.004, 0.027, 12.082, 0, 0, 1.143],
  // 24 tiles: 5.4 % off on average, 19.6 % at most.
  "pool.mean.elements.hwc": [201.9, 11.779, 10.994, 4.705, 3.704, 3.098, 0, 0, 0, 0],
  "pool.mean64": [0, 0, 0, 34.575, 7.296, 98.73, 10.802],
  // 19 tiles: 1.6 % off on average, 6.9 % at most.
  "pool.mean64.elements.chw": [244.576, 32.462, 25.711, 0, 5.801, 0, 5.259, 5.157, 0.431, 0.431],
  "pool.mean64.elements.hwc": [104.753, 144.454, 0, 18.214, 6.345, 0, 0, 0, 0, 0],
  // 25 tiles: 3.2 % off on average, 8.1 % at most.
  "upsample.columns": [137.917, 50.301, 7.915, 4.79],
  // 12 tiles: 6.2 % off on average, 15.6 % at most.
  "upsample.linear.both": [142.15, 173.958, 72.954, 56.275, 21.449, 2.821],
  // 28 tiles: 7.0 % off on average, 26.2 % at most.
  "upsample.linear.one": [138.98, 138.98, 85.374, 14.957, 12.082, 0],
  // 7 tiles: 1.5 % off on average, 4.1 % at most.
  "upsample.linear1.chw": [172.929, 181.381, 24.625, 24.625, 24.625, 24.625],
  // 10 tiles: 2.1 % off on average, 3.5 % at most.
  "upsample.linear1.hwc": [206.431, 98.155, 6.479, 6.479, 6.479, 6.479],
  // 9 tiles: 1.0 % off on average, 2.1 % at most.
  "upsample.linear2.chw": [352.441, 138.29, 24.721, 24.721, 67.254, 2.602],
  "upsample.linear2.hwc": [265.273, 186.904, 10.25, 10.25, 10.25, 10.25],
  // 28 tiles: 7.0 % off on average, 22.2 % at most.
  "upsample.nearest": [75.843, 75.452, 32.409, 2.231],
  // 25 tiles: 20.0 % off on average, 49.2 % at most.
  "upsample.nearest.chw": [172.095, 13.386, 12.679, 12.679, 2.475, 0],
  // 21 tiles: 5.3 % off on average, 11.0 % at most.
  "upsample.nearest.columns": [55.87, 23.42, 2.997],
  // 12 tiles: 6.3 % off on average, 14.4 % at most.
  "upsample.nearest.hwc": [2.575, 53.306, 4.372, 4.372, 5.453, 4.372],
};
