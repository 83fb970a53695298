// The live view on a terminal: the job's frame is drawn in place ten times a second, what is logged scrolls above it,
// and whatever happens the cursor comes back.

import type { JobHandle } from "@fnmesh/orchestrator";
import { paint, piece, styleOf } from "../text/paint.ts";
import { renderFrame } from "./frame.ts";
import { type ProgressView, repeat, type ViewOptions } from "./progress-view.ts";
import { createScreen } from "./screen.ts";

/** Smooth for the eye, and the same rate at which snapshots change. */
const redrawMs = 100;
const presetRows = 24;

export interface TerminalViewOptions extends ViewOptions {
  /** Calls back when the process ends without `close`; returns the unsubscriber. */
  readonly atExit: (restore: () => void) => () => void;
}

export function terminalView({ stream, clock, environment, atExit }: TerminalViewOptions): ProgressView {
  const screen = createScreen();
  let job: Pick<JobHandle, "snapshot"> | undefined;
  let doing = "";
  let closed = false;

  const style = () => ({ ...styleOf(stream, environment), rows: stream.rows || presetRows });
  const frame = () => {
    if (job !== undefined) return renderFrame(job.snapshot(), style());
    return doing === "" ? [] : [paint([piece(`${doing} …`, "dim")], style())];
  };
  const draw = () => {
    const lines = frame();
    if (lines.length > 0 && !closed) stream.write(screen.draw(lines, style().columns));
  };
  const close = () => {
    if (closed) return;
    closed = true;
    stop();
    forget();
    stream.off("resize", draw);
    stream.write(screen.clear(style().columns));
  };
  const stop = repeat(clock, redrawMs, draw);
  const forget = atExit(close);
  stream.on("resize", draw);

  return {
    phase(text) {
      doing = text;
      draw();
    },
    follow(followed) {
      job = followed;
      draw();
    },
    log: (line) => void stream.write(closed ? `${line}\n` : screen.print(line, style().columns)),
    close,
  };
}
