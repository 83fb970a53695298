// What can go wrong with the output file, in words for the person who named it.

import { FnmeshError } from "@fnmesh/core";

/** By errno: what it means here, and what to do. `{dir}` is the directory of the output. */
const explanations: Readonly<Record<string, readonly [words: string, hint: string]>> = {
  ENOENT: ["its directory does not exist", "Make it first: mkdir -p '{dir}'"],
  ENOTDIR: ["a part of its path is not a directory", "Check the path."],
  EACCES: ["permission denied", "Choose a place where you may write, or give yourself the permission."],
  EPERM: ["permission denied", "Choose a place where you may write, or give yourself the permission."],
  EROFS: ["its file system is read-only", "Choose a place where you may write."],
  ENOSPC: [
    "no space is left",
    "Free some space in '{dir}': the output needs twice its size while it is written.",
  ],
  EDQUOT: ["your quota is used up", "Free some space: the output needs twice its size while it is written."],
  ELOOP: ["its symbolic links form a loop", "Name the file itself."],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter name."],
};

export function outputError(path: string, directory: string, cause: unknown): FnmeshError {
  if (cause instanceof FnmeshError) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const [words, hint] = explanations[code] ?? [message, "Check the disk that it is on."];
  return new FnmeshError("OUTPUT_UNWRITABLE", `the output ${path} cannot be written: ${words}`, {
    cause,
    hint: hint.replace("{dir}", directory),
  });
}

export const notAFile = (path: string, isDirectory: boolean): FnmeshError =>
  new FnmeshError(
    "OUTPUT_UNWRITABLE",
    `the output ${path} cannot be written: it is ${isDirectory ? "a directory" : "not a regular file"}`,
    {
      hint: isDirectory
        ? `Name a file in it: --output '${path.replace(/\/+$/, "")}/counts.txt'`
        : "The output appears by renaming a finished file, which would replace what is there: name a regular file.",
    },
  );
