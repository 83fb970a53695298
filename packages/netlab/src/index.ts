export { type LabAvailability, labAvailability, type MissingForLab, requireLab } from "./availability.ts";
export { type Lab, type LabOptions, mostLabWorkers, openLab } from "./lab.ts";
export type { NatClass } from "./nat-class.ts";
export {
  type ExpectedPath,
  expectedPairs,
  expectedPath,
  type LabProfile,
  labProfile,
  labProfiles,
  type NatTraits,
  natTraits,
  type PairCounts,
  type PlaceProfile,
  placeProfile,
} from "./profiles.ts";
export {
  insideSandbox,
  prepareSandbox,
  runInSandbox,
  sandboxCommand,
  sandboxVariable,
} from "./sandbox.ts";
export type { Place } from "./topology.ts";
