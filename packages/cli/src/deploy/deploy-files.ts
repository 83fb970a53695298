// The files of packages/cli/deploy, read as what they are, for tests.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const deployFile = (name: string): string =>
  fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));
export const readDeployFile = (name: string): string => readFileSync(deployFile(name), "utf8");
export const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** A unit's settings by section, in their order; one may come several times. */
export type Unit = Readonly<Record<string, readonly (readonly [name: string, value: string])[]>>;

export function readUnit(name: string): Unit {
  const sections: Record<string, [string, string][]> = {};
  let section: [string, string][] = [];
  for (const line of readDeployFile(name).split("\n")) {
    const title = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (title !== undefined) {
      section = [];
      sections[title] = section;
    } else if (key !== undefined && value !== undefined) section.push([key, value]);
    else if (line !== "" && !line.startsWith("#")) throw new Error(`${name}: "${line}" is no setting`);
  }
  return sections;
}

/** The values that a unit gives a setting. */
export const valuesOf = (unit: Unit, section: string, name: string): readonly string[] =>
  (unit[section] ?? []).filter(([key]) => key === name).map(([, value]) => value);
