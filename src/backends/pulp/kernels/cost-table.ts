/** Costs in cycles, by variant and kind of work: printed by tests/backends/pulp/kernels/calibrate.ts. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
  // 6 tiles: 0.2 % off on average, 0.5 % at most.
  "copy.elements.chw": [173.483, 23.201, 14.273],
  // 6 tiles: 0.2 % off on average, 0.6 % at most.
  "copy.elements.hwc": [159.239, 21.612, 16.507],
  // 12 tiles: 1.0 % off on average, 1.8 % at most.
  "copy.runs": [96.292, 35.091, 2.225],
  // 18 tiles: 5.6 % off on average, 24.4 % at most.
  "copy.whole": [52.84, 2.104],
  // 26 tiles: 2.3 % off on average, 7.6 % at most.
  "depthwise.pixels": [167.596, 157.221, 28.603, 1.008, 16.164, 16.236],
  // 26 tiles: 2.2 % off on average, 6.0 % at most.
  "depthwise.planes": [199.782, 109.406, 13.788, 1.001, 0, 0],
  // 21 tiles: 3.2 % off on average, 10.6 % at most.
  "elementwise.elements.chw": [179.184, 23.811, 12.683, 0.88],
  // 27 tiles: 18.8 % off on average, 36.3 % at most.
  "elementwise.elements.hwc": [195.837, 16.125, 14.249, 0.599],
  // 21 tiles: 3.2 % off on average, 13.0 % at most.
  "elementwise.sum": [115.802, 1.009],
  // 48 tiles: 8.2 % off on average, 16.5 % at most.
  "elementwise.words": [61.513, 76.704, 15.477, 0.572],
  // 6 tiles: 0.2 % off on average, 0.3 % at most.
  "global.elements": [206.257, 21.208, 7.146, 7.019],
  // 6 tiles: 0.1 % off on average, 0.1 % at most.
  "global.elements64": [217.546, 46.293, 6.908, 6.995],
  // 6 tiles: 0.4 % off on average, 0.7 % at most.
  "global.pixels": [51.553, 124.966, 5.002],
  // 6 tiles: 0.5 % off on average, 1.1 % at most.
  "global.pixels64": [53.986, 222.744, 5.061],
  // 6 tiles: 0.9 % off on average, 2.5 % at most.
  "global.rows": [221.152, 12.552, 23.668, 4.103, 4.693],
  // 6 tiles: 1.0 % off on average, 2.6 % at most.
  "global.rows64": [228.784, 40.579, 23.334, 3.941, 4.803],
  // 12 tiles: 3.1 % off on average, 5.6 % at most.
  "pool.max": [126.81, 21.054, 4.126, 1.077, 2.124],
  // 24 tiles: 26.3 % off on average, 52.1 % at most.
  "pool.max.elements.chw": [67.925, 50.469, 0, 6.281],
  // 24 tiles: 12.8 % off on average, 25.3 % at most.
  "pool.max.elements.hwc": [0, 43.278, 0, 8.318],
  // 12 tiles: 0.8 % off on average, 1.9 % at most.
  "pool.mean": [142.934, 31.096, 0, 36.367, 7.147],
  // 24 tiles: 20.3 % off on average, 44.9 % at most.
  "pool.mean.elements.chw": [211.8, 29.787, 0, 8.579],
  // 24 tiles: 10.7 % off on average, 23.2 % at most.
  "pool.mean.elements.hwc": [0, 75.874, 2.307, 9.28],
  // 12 tiles: 0.7 % off on average, 1.2 % at most.
  "pool.mean64": [157.212, 32.449, 1.305, 102.804, 7.941],
  // 24 tiles: 10.4 % off on average, 23.2 % at most.
  "pool.mean64.elements.chw": [329.195, 1.97, 19.568, 9.942],
  // 24 tiles: 5.3 % off on average, 15.8 % at most.
  "pool.mean64.elements.hwc": [0.794, 79.029, 24.963, 9.052],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.columns": [132.112, 28.162, 7.214],
  // 6 tiles: 1.4 % off on average, 4.0 % at most.
  "upsample.linear": [0, 119.017, 38.574, 17.609],
  // 3 tiles: 2.1 % off on average, 3.2 % at most.
  "upsample.linear1.chw": [0, 507.324, 98.93],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.linear1.hwc": [278.344, 88.856, 27.497],
  // 6 tiles: 30.3 % off on average, 36.1 % at most.
  "upsample.linear2.chw": [0, 0, 92.192],
  // 3 tiles: 4.4 % off on average, 7.0 % at most.
  "upsample.linear2.hwc": [2050.209, 0, 46.324],
  // 6 tiles: 1.1 % off on average, 1.9 % at most.
  "upsample.nearest": [85.226, 38.171, 36.261, 2.127],
  // 12 tiles: 8.1 % off on average, 9.2 % at most.
  "upsample.nearest.chw": [172.896, 30.462, 22.848],
  // 6 tiles: 0.4 % off on average, 1.0 % at most.
  "upsample.nearest.hwc": [157.803, 31.478, 18.452],
};
