// A deployment's steps while they are done: on a terminal the present one in place with its time, otherwise a line each.

import type { Clock } from "@fnmesh/core/internal";
import type { Step } from "@fnmesh/providers";
import { repeat, type ViewOptions } from "../live-view/progress-view.ts";
import { createScreen } from "../live-view/screen.ts";
import { formatMs } from "../text/format.ts";
import { paint, piece, styleOf } from "../text/paint.ts";
import { doneText, nowText } from "./trace.ts";

export interface StepView {
  begin(step: Step): void;
  /** What is looked at before there are steps. Empty: that is over, and other text may follow. */
  phase(text: string): void;
  /** The last step is done (or not), and the terminal is given back. May be called twice. */
  end(how: "done" | "failed"): void;
}

export const silentSteps: StepView = { begin() {}, phase() {}, end() {} };

const redrawMs = 100;

/** A line when a step begins, and one with its time when it is done. */
export function plainSteps({ stream, clock }: Pick<ViewOptions, "stream" | "clock">): StepView {
  let current: Timed | undefined;
  const finish = () => {
    if (current !== undefined) stream.write(`${timedText(current, clock)}\n`);
    current = undefined;
  };
  return {
    phase: () => {},
    begin(step) {
      finish();
      current = { step, sinceMs: clock.now() };
      stream.write(`${nowText(step)} …\n`);
    },
    end(how) {
      if (how === "done") finish();
      current = undefined;
    },
  };
}

interface Timed {
  readonly step: Step;
  readonly sinceMs: number;
}

const timedText = ({ step, sinceMs }: Timed, clock: Clock) =>
  `${doneText(step)} in ${formatMs(clock.now() - sinceMs)}`;

export function terminalSteps({ stream, clock, environment }: ViewOptions): StepView {
  const screen = createScreen();
  let current: Timed | undefined;
  let doing = "";
  let ended = false;
  const style = () => styleOf(stream, environment);
  const line = () => {
    if (current === undefined) return [piece(`${doing} …`, "dim")];
    return [piece(`${nowText(current.step)} … ${formatMs(clock.now() - current.sinceMs)}`, "busy")];
  };
  const draw = () => {
    if (current === undefined && doing === "") return;
    stream.write(screen.draw([paint(line(), style())], style().columns));
  };
  const finish = () => {
    if (current === undefined) return;
    stream.write(screen.print(paint([piece(timedText(current, clock), "good")], style()), style().columns));
    current = undefined;
  };
  const stop = repeat(clock, redrawMs, draw);
  return {
    phase(text) {
      doing = text;
      if (text === "") stream.write(screen.clear(style().columns));
      draw();
    },
    begin(step) {
      finish();
      current = { step, sinceMs: clock.now() };
      draw();
    },
    end(how) {
      if (ended) return;
      ended = true;
      stop();
      if (how === "done") finish();
      stream.write(screen.clear(style().columns));
    },
  };
}
