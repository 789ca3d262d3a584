/** Costs in cycles, by variant and kind of work: printed by tests/backends/pulp/kernels/calibrate.ts. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
  "conv": [40, 125, 60, 15, 60, 1, 0.0047],
  // 6 tiles: 0.0 % off on average, 0.1 % at most.
  "copy.elements.chw": [164.07, 23.087, 14.305],
  // 6 tiles: 0.2 % off on average, 0.6 % at most.
  "copy.elements.hwc": [160.901, 22.452, 16.399],
  // 12 tiles: 0.7 % off on average, 1.7 % at most.
  "copy.runs": [96.446, 35.094, 2.22],
  // 18 tiles: 5.0 % off on average, 24.8 % at most.
  "copy.whole": [52.722, 2.082],
  // 26 tiles: 1.7 % off on average, 4.9 % at most.
  "depthwise.pixels": [211.921, 96.493, 24.642, 1.01, 41.334, 14.259],
  // 26 tiles: 1.6 % off on average, 5.3 % at most.
  "depthwise.planes": [144.928, 104.247, 9.218, 1.004, 0, 0],
  // 21 tiles: 3.2 % off on average, 10.6 % at most.
  "elementwise.elements.chw": [177.865, 24.858, 12.659, 0.882],
  // 27 tiles: 18.6 % off on average, 34.7 % at most.
  "elementwise.elements.hwc": [192.849, 14.964, 14.363, 0.599],
  // 21 tiles: 3.1 % off on average, 13.1 % at most.
  "elementwise.sum": [116.059, 1.007],
  // 48 tiles: 8.2 % off on average, 16.5 % at most.
  "elementwise.words": [61.576, 76.535, 15.464, 0.572],
  // 6 tiles: 0.0 % off on average, 0.0 % at most.
  "global.elements": [204.334, 21.884, 6.963, 7.008],
  // 6 tiles: 0.0 % off on average, 0.1 % at most.
  "global.elements64": [220.301, 45.638, 6.986, 6.993],
  // 6 tiles: 0.7 % off on average, 1.4 % at most.
  "global.pixels": [50.989, 123.695, 5.028],
  // 6 tiles: 0.5 % off on average, 0.9 % at most.
  "global.pixels64": [60.888, 218.108, 5.045],
  // 6 tiles: 0.9 % off on average, 2.3 % at most.
  "global.rows": [217.389, 14.822, 23.601, 4.036, 4.757],
  // 6 tiles: 0.8 % off on average, 2.3 % at most.
  "global.rows64": [229.827, 39.478, 23.724, 3.957, 4.67],
  // 12 tiles: 5.6 % off on average, 12.5 % at most.
  "pool.max": [178.902, 0, 0.051, 0, 2.543],
  // 24 tiles: 26.3 % off on average, 52.2 % at most.
  "pool.max.elements.chw": [69.259, 50.399, 0, 6.28],
  // 24 tiles: 12.7 % off on average, 25.7 % at most.
  "pool.max.elements.hwc": [0, 43.212, 0, 8.324],
  // 12 tiles: 0.8 % off on average, 1.5 % at most.
  "pool.mean": [144.988, 31.605, 0, 35.992, 7.178],
  // 24 tiles: 20.3 % off on average, 44.9 % at most.
  "pool.mean.elements.chw": [212.562, 29.519, 0, 8.583],
  // 24 tiles: 10.7 % off on average, 23.0 % at most.
  "pool.mean.elements.hwc": [0, 75.847, 2.308, 9.276],
  // 12 tiles: 0.7 % off on average, 1.4 % at most.
  "pool.mean64": [156.304, 36.213, 0, 101.948, 8.224],
  // 24 tiles: 10.3 % off on average, 23.2 % at most.
  "pool.mean64.elements.chw": [330.669, 1.86, 19.67, 9.924],
  // 24 tiles: 5.3 % off on average, 15.9 % at most.
  "pool.mean64.elements.hwc": [0, 79.181, 24.923, 9.064],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.columns": [170.955, 23.452, 5.219],
  // 6 tiles: 1.5 % off on average, 2.7 % at most.
  "upsample.linear": [0, 140.277, 37.178, 20.024, 12.67],
  // 3 tiles: 2.1 % off on average, 3.2 % at most.
  "upsample.linear1.chw": [0, 506.969, 98.918],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.linear1.hwc": [289.555, 89.199, 27.472],
  // 6 tiles: 30.3 % off on average, 36.1 % at most.
  "upsample.linear2.chw": [0, 0, 92.174],
  // 3 tiles: 4.4 % off on average, 6.9 % at most.
  "upsample.linear2.hwc": [2061.871, 0, 46.351],
  // 6 tiles: 0.4 % off on average, 1.0 % at most.
  "upsample.nearest": [81.852, 38.292, 36.163, 2.108],
  // 9 tiles: 5.7 % off on average, 8.5 % at most.
  "upsample.nearest.chw": [350.98, 0, 24.495],
  // 6 tiles: 0.3 % off on average, 0.8 % at most.
  "upsample.nearest.hwc": [157.304, 31.578, 18.442],
  // 3 tiles: 0.0 % off on average, 0.0 % at most.
  "upsample.nearest.columns": [107.331, 24.819, 3.219],
  // 6 tiles: 0.0 % off on average, 0.1 % at most.
  "depthwise.plain": [510.734, 18.928, 23.522],
};
