/** Schedules of machines with several memories: as values, as text, and whether they are sound. */
export { type ParsedSchedule, parseSchedule } from "./parse.js";
export { printProgram, printSchedule } from "./print.js";
export { verifyProgram, verifySchedule } from "./verify.js";
