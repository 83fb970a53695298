// Names and secrets of jobs.

import type { Random } from "@fnmesh/core/internal";

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
/** 62 bits: jobs of one orchestrator do not meet, and an id says nothing. */
const idCharacters = 12;
export const secretBytes = 32;

export const newJobId = (random: Random): string =>
  Array.from({ length: idCharacters }, () => alphabet[random.int(0, alphabet.length)]).join("");
