// What is to be closed when a worker's part of a job is over: in a warm container nothing of it may stay.

const endings: unique symbol = Symbol("endings");

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
