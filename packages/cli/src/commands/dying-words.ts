// What V8 prints when a worker's heap is full: thirty lines of its own inner life for each worker. The report says
// OUT_OF_MEMORY and what to do; these lines only hide it.

const dyingWords = [
  /^\s*$/,
  /^<--- (Last few GCs|JS stacktrace) --->$/,
  /^\[\d+:0x[0-9a-f]+\]\s+\d+ ms: /,
  /^FATAL ERROR: .*heap out of memory/,
  /^-+ Native stack trace -+$/,
  /^\s*\d+: 0x[0-9a-f]+ /,
];

/** Whether a line on a worker's stderr is V8's, not the job's. */
export const isDyingWords = (line: string): boolean => dyingWords.some((form) => form.test(line));
