export type { Lab, LabOptions } from "./lab.ts";
export { type LabProfile, labProfiles } from "./profiles.ts";
