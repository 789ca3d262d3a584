/** What firmware costs: estimates, what the simulator measured, memory and traffic. */

export type { Traffic } from "../../schedule/traffic.js";
export { mostRegions } from "../firmware/network.js";
export {
  type Link,
  links,
  type Measured,
  type MeasureOptions,
  measureFirmware,
  type ProfileName,
  type Timeline,
} from "./measure.js";
export { type Phase, phaseNames } from "./phases.js";
export {
  cyclesOf,
  type FirmwareReport,
  firmwareReport,
  type LayerReport,
  mainWait,
  type Part,
  type ReportOptions,
  type Simulated,
  type Spent,
  type Wait,
} from "./report.js";
