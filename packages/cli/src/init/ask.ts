// Asks a person at a terminal for what was not given.

import { basename, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { FnmeshError } from "@fnmesh/core";
import { nameFrom, nameProblem } from "./project-name.ts";

export interface Wishes {
  readonly directory: string;
  readonly name: string;
}

export interface Asking {
  /** What was given. */
  readonly directory: string | undefined;
  readonly name: string | undefined;
  readonly cwd: string;
}

/** What goes without asking: this folder, and its name. */
export function presetWishes({ directory = ".", name, cwd }: Asking): Wishes {
  return { directory, name: name ?? nameFrom(basename(resolve(cwd, directory))) };
}

const presetDirectory = "fnmesh-job";

/** Rejects with CANCELLED when the person wants nothing any more. */
export async function askWishes(asking: Asking, streams: Streams): Promise<Wishes> {
  const { text, isCancel } = await import("@clack/prompts");
  const ask = async (question: Omit<Parameters<typeof text>[0], "input" | "output">): Promise<string> => {
    const answer = await text({ ...question, ...streams });
    if (isCancel(answer)) throw new FnmeshError("CANCELLED", "nothing was written");
    return answer;
  };
  const directory =
    asking.directory ??
    (await ask({
      message: "Into which directory?",
      placeholder: presetDirectory,
      defaultValue: presetDirectory,
    }));
  const { name } = presetWishes({ ...asking, directory });
  if (asking.name !== undefined) return { directory, name };
  const validate = (given = "") => (given === "" ? undefined : nameProblem(given));
  const message = "What is its name?";
  return { directory, name: await ask({ message, placeholder: name, defaultValue: name, validate }) };
}

interface Streams {
  readonly input: Readable;
  readonly output: Writable;
}
