// What is to be closed when a worker's part of a job is over: in a warm container nothing of it may stay.

/** A job's code and the library each have this module: they meet at the symbol. */
const endings: unique symbol = Symbol.for("fnmesh.endings") as never;

interface WithEndings {
  [endings]?: (() => void)[];
}

export function atEnd(worker: object, act: () => void): void {
  const holder = worker as WithEndings;
  holder[endings] ??= [];
  holder[endings].push(act);
}

export function runEndings(worker: object): void {
  for (const act of (worker as WithEndings)[endings] ?? []) act();
}
