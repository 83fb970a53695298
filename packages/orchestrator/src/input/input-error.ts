// What can go wrong with an input file, in words for the person who named it.

import { FnmeshError } from "@fnmesh/core";

interface Explanation {
  readonly code: "INPUT_NOT_FOUND" | "INPUT_UNREADABLE";
  readonly words: string;
  readonly hint: string;
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOENT: {
    code: "INPUT_NOT_FOUND",
    words: "does not exist",
    hint: "Check the path; it is taken from the working directory.",
  },
  ENOTDIR: {
    code: "INPUT_NOT_FOUND",
    words: "does not exist: a part of its path is not a directory",
    hint: "Check the path; it is taken from the working directory.",
  },
  EACCES: {
    code: "INPUT_UNREADABLE",
    words: "may not be read",
    hint: "Give yourself the permission to read it, or run as its owner.",
  },
  EMFILE: {
    code: "INPUT_UNREADABLE",
    words: "cannot be opened: this process has too many open files",
    hint: "Raise the limit with `ulimit -n`.",
  },
};

export function inputError(file: string, cause: unknown): FnmeshError {
  if (cause instanceof FnmeshError) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const known = explanations[code];
  if (known === undefined) {
    return new FnmeshError("INPUT_UNREADABLE", `the input ${file} cannot be read: ${message}`, {
      cause,
      hint: "Check the file and the disk that it is on.",
    });
  }
  return new FnmeshError(known.code, `the input ${file} ${known.words}`, { cause, hint: known.hint });
}

export const notAFile = (file: string, isDirectory: boolean): FnmeshError =>
  new FnmeshError(
    "INPUT_UNREADABLE",
    `the input ${file} is ${isDirectory ? "a directory" : "not a regular file"}`,
    {
      hint: isDirectory
        ? `Name the files in it: --input '${file.replace(/\/+$/, "")}/**/*'`
        : "Write its content to a file first: inputs are read in parts, several at a time.",
    },
  );

export const fileChanged = (file: string): FnmeshError =>
  new FnmeshError("INPUT_UNREADABLE", `the input ${file} changed while the job ran`, {
    hint: "Run the job on a copy that nobody writes to.",
  });
