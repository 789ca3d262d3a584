/**
 * Where things are on GAP8 (rev C). Sources: `archi/chips/gap/memory_map.h` and `gap8_revc.json` of gap_sdk; sizes as
 * far as they are modelled.
 */

export interface Region {
  readonly name: string;
  readonly base: number;
  readonly size: number;
}
const region = (name: string, base: number, size: number): Region => ({ name, base, size });

export const l1 = region("L1", 0x10000000, 0x10000);
/** L1 seen through the test-and-set port: a load returns the value and leaves all ones. */
export const testAndSet = region("L1 test-and-set", 0x10100000, 0x10000);
export const clusterControl = region("cluster control", 0x10200000, 0x400);
export const clusterTimer = region("cluster timer", 0x10200400, 0x400);
export const clusterEvents = region("cluster event unit", 0x10200800, 0x800);
export const clusterCache = region("cluster instruction cache control", 0x10201400, 0x400);
export const clusterDma = region("cluster DMA", 0x10201800, 0x400);
/** What every core of the cluster reaches in one cycle, each with its own view. */
export const demuxEvents = region("event unit", 0x10204000, 0x400);
export const demuxDma = region("DMA", 0x10204400, 0x400);
export const bootRom = region("boot ROM", 0x1a000000, 0x2000);
export const fllFabric = region("FLL of the fabric", 0x1a100000, 0x10);
export const fllCluster = region("FLL of the cluster", 0x1a100010, 0x10);
export const gpio = region("GPIO", 0x1a101000, 0x1000);
export const udma = region("uDMA", 0x1a102000, 0x2000);
export const socControl = region("SoC control", 0x1a104000, 0x1000);
export const socEvents = region("SoC event unit", 0x1a106000, 0x1000);
export const pmu = region("PMU", 0x1a107000, 0x800);
export const rtc = region("RTC", 0x1a108000, 0x1000);
export const efuse = region("eFuse", 0x1a109000, 0x1000);
export const stdout = region("stdout", 0x1a110000, 0x2000);
export const fabricTcdm = region("FC TCDM", 0x1b000000, 0x10000);
export const fabricTimer = region("FC timer", 0x1b200400, 0x400);
export const fabricEvents = region("FC event unit", 0x1b200800, 0x800);
export const fabricCache = region("FC instruction cache control", 0x1b201400, 0x400);
export const fabricDemux = region("FC event unit (own view)", 0x1b204000, 0x400);
export const l2 = region("L2", 0x1c000000, 0x80000);

export const regions: readonly Region[] = [
  l1,
  testAndSet,
  clusterControl,
  clusterTimer,
  clusterEvents,
  clusterCache,
  clusterDma,
  demuxEvents,
  demuxDma,
  bootRom,
  fllFabric,
  fllCluster,
  gpio,
  udma,
  socControl,
  socEvents,
  pmu,
  rtc,
  efuse,
  stdout,
  fabricTcdm,
  fabricTimer,
  fabricEvents,
  fabricCache,
  fabricDemux,
  l2,
];

export const isIn = ({ base, size }: Region, address: number): boolean =>
  address >= base && address - base < size;

/** Addresses below this are a core's own view of its surroundings: L1 and peripherals for the cluster, TCDM for the FC. */
const aliasSize = 0x400000;
const clusterBase = 0x10000000;
const fabricBase = 0x1b000000;

/** The address without the core's alias at 0. */
export const withoutAlias = (isFabric: boolean, address: number): number =>
  address < aliasSize ? address + (isFabric ? fabricBase : clusterBase) : address;

/** `12 bytes behind L2` or `between FC TCDM and FC timer`: for people who look at a stray address. */
export function describeStray(address: number): string {
  let before: Region | undefined;
  for (const r of regions) if (r.base <= address && (!before || r.base > before.base)) before = r;
  if (!before) return "below everything";
  const behind = address - before.base - before.size;
  if (behind < 0) return `in ${before.name}`;
  const distance = behind < 0x10000 ? `${behind} bytes` : `0x${behind.toString(16)} bytes`;
  return `${distance} behind the end of ${before.name}`;
}

export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, "0")}`;
