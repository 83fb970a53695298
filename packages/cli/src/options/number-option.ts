// Numbers from the command line: what is no number is bad usage, what is out of bounds names the bounds.

import { FnmeshError } from "@fnmesh/core";

export interface NumberRule {
  /** As the person wrote it: `--workers`. */
  readonly flag: string;
  readonly least: number;
  readonly most: number;
  /** What is counted, for the messages: `workers`, `MB`. */
  readonly unit: string;
  /** Accepts `2.5`. Default: whole numbers only. */
  readonly fractions?: boolean;
}

const whole = /^\+?\d+$/;
const decimal = /^\+?(?:\d+\.?\d*|\.\d+)$/;
const negative = /^-\d/;

/** Throws USAGE for what is not a number, LIMIT for what is out of bounds. */
export function parseNumber(text: string, rule: NumberRule): number {
  const value = Number(text);
  const wellFormed = (rule.fractions ? decimal : whole).test(text) || negative.test(text);
  if (!wellFormed || !Number.isFinite(value)) {
    const kind = rule.fractions ? "a number" : "a whole number";
    throw new FnmeshError("USAGE", `${rule.flag} takes ${kind}, not "${text}"`, {
      hint: `Give ${kind} from ${rule.least} to ${rule.most}.`,
    });
  }
  if (value < rule.least || value > rule.most) {
    throw new FnmeshError("LIMIT", `${rule.flag} ${text} is out of bounds: ${boundsOf(rule)}`, {
      hint: `Use ${rule.flag} with a value from ${rule.least} to ${rule.most}.`,
    });
  }
  return value;
}

/** `1 to 1000 workers`. */
export function boundsOf({ least, most, unit }: NumberRule): string {
  return unit === "" ? `${least} to ${most}` : `${least} to ${most} ${unit}`;
}
