// The NAT profiles, as data. Names and expectations are those of the documentation.

export const labProfiles = [
  "none",
  "open",
  "restricted",
  "reset",
  "symmetric",
  "shared",
  "shared-no-hairpin",
  "mixed",
] as const;

export type LabProfile = (typeof labProfiles)[number];
