// What a command gets of the process that it runs in: its streams, its environment, its folder.

import { writeSync } from "node:fs";
import type { ErrorRecord } from "@fnmesh/core";
import type { ExitCode } from "./exit-codes.ts";
import { errorLine, errorLines } from "./report-view/error-view.ts";
import { paint, type Style, styleOf } from "./text/paint.ts";

export interface Host {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Whether the one document of --json is out: nothing may follow it. */
  readonly document: { written: boolean };
  /** Ends the process now, without waiting for anything. */
  exit(code: ExitCode): never;
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

/** The one document of --json; whatever would be a second one is dropped. */
export async function writeJson({ stdout, document }: Host, content: unknown): Promise<void> {
  if (document.written) return;
  document.written = true;
  await writeText(stdout, jsonText(content));
}

/** The same for a process that ends right after it. */
export function writeJsonNow({ document }: Host, content: unknown): void {
  if (document.written) return;
  document.written = true;
  writeSync(1, jsonText(content));
}

const jsonText = (content: unknown) => `${JSON.stringify(content, null, 2)}\n`;

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
