// What a command gets of the process that it runs in: its streams, its environment, its folder.

import type { ErrorRecord } from "@fnmesh/core";
import { errorLine, errorLines } from "./report-view/error-view.ts";
import { paint, type Style, styleOf } from "./text/paint.ts";

export interface Host {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export const stdoutStyle = ({ stdout, environment }: Host): Style => styleOf(stdout, environment);

/**
 * Resolves when the stream has taken the text, or can take none any more: a reader that has read enough (`| head`) is
 * no error of ours.
 */
export function writeText(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve();
    stream.write(text, () => resolve());
  });
}

/** The one document of --json. */
export const writeJson = (host: Host, document: unknown): Promise<void> =>
  writeText(host.stdout, `${JSON.stringify(document, null, 2)}\n`);

/** An error in full for a person. */
export function writeError(host: Host, error: ErrorRecord): Promise<void> {
  const style = styleOf(host.stderr, host.environment);
  // Errors are never cut to the terminal's width: the end of a line may be what helps.
  const lines = errorLines(error, host.cwd).map((line) =>
    paint(line, { ...style, columns: Number.MAX_SAFE_INTEGER }),
  );
  return writeText(host.stderr, `${lines.join("\n")}\n`);
}

/** The one line on stderr beside a document or a report that goes elsewhere. */
export const writeErrorLine = (host: Host, error: ErrorRecord): Promise<void> =>
  writeText(host.stderr, `${errorLine(error)}\n`);
