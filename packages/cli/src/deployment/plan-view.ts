// What a deployment is about to do, or has done, as lines for a person. Pure.

import type { Change, Facts, Step } from "@fnmesh/providers";
import { columnsOf, fit, oneLine } from "../text/columns.ts";
import { plural } from "../text/format.ts";
import { type Line, piece, type Tone } from "../text/paint.ts";

type Action = Step["action"];

const marks: Readonly<Record<Action, readonly [mark: string, tone: Tone]>> = {
  create: ["+", "good"],
  update: ["~", "busy"],
  keep: [" ", "dim"],
  remove: ["-", "bad"],
};

type Shown = Pick<Step, "action" | "kind" | "name" | "changes">;

/** A line for each resource, and one below it for each fact that changes. */
export function planLines(steps: readonly Shown[]): Line[] {
  const width = Math.max(0, ...steps.map(({ kind }) => columnsOf(kind)));
  return steps.flatMap(({ action, kind, name, changes }): Line[] => {
    const [mark, tone] = marks[action];
    return [
      [
        piece(`  ${mark} `, tone),
        piece(`${fit(kind, width)}  `, action === "keep" ? "dim" : "plain"),
        piece(oneLine(name), action === "keep" ? "dim" : "bold"),
      ],
      ...changes.map((change) => [piece(" ".repeat(width + 8)), piece(changeText(change), "dim")]),
    ];
  });
}

const changeText = ({ fact, from, to }: Change): string =>
  `${fact}: ${from === undefined ? "?" : factText(from)} -> ${factText(to)}`;

export const factText = (fact: Facts[string]): string =>
  typeof fact === "number" ? String(fact) : oneLine(String(fact));

const words: readonly (readonly [Action, string, string])[] = [
  ["create", "to create", "created"],
  ["update", "to change", "changed"],
  ["remove", "to remove", "removed"],
  ["keep", "as it shall be", "as it was"],
];

/** `2 to create, 1 as it shall be`. */
export function planSummary(steps: readonly Pick<Step, "action">[], when: "before" | "after"): string {
  const parts = words.flatMap(([action, before, after]) => {
    const count = steps.filter((step) => step.action === action).length;
    return count === 0 ? [] : [`${count} ${when === "before" ? before : after}`];
  });
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

export const changesAnything = (steps: readonly Pick<Step, "action">[]): boolean =>
  steps.some(({ action }) => action !== "keep");

/** Whether something that is there will be another thing, or gone. */
export const touchesWhatIsThere = (steps: readonly Pick<Step, "action">[]): boolean =>
  steps.some(({ action }) => action === "update" || action === "remove");

/** `3 resources`. */
export const resourceCount = (resources: readonly unknown[]): string => plural(resources.length, "resource");
