// Who reads what, by arithmetic alone: the files, one after another, are one long range of bytes, and every worker
// gets an equal stretch of it. The same sizes give the same cuts. Where the lines begin is for others to look up.

/** A place in the input: `offset` bytes into a file. */
export interface Place {
  readonly file: number;
  readonly offset: number;
}

/** A piece of a file. */
export interface Piece extends Place {
  readonly bytes: number;
}

/** Where each file begins in the long range, and last its end. */
export function startsOf(sizes: readonly number[]): readonly number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + size);
  return starts;
}

/** Where the stretches of workers 1, 2, … would begin if lines did not matter; ascending. */
export function evenCuts(sizes: readonly number[], workers: number): readonly Place[] {
  const starts = startsOf(sizes);
  const total = starts.at(-1)!;
  const cuts: Place[] = [];
  let file = 0;
  for (let worker = 1; worker < workers && total > 0; worker++) {
    const at = Math.floor((total / workers) * worker);
    while (starts[file + 1]! <= at) file += 1;
    cuts.push({ file, offset: at - starts[file]! });
  }
  return cuts;
}

/** The pieces of each worker, cut at these places (ascending); an empty file is a piece without bytes. */
export function piecesOf(
  sizes: readonly number[],
  cuts: readonly Place[],
  workers: number,
): readonly (readonly Piece[])[] {
  const starts = startsOf(sizes);
  const total = starts.at(-1)!;
  const ends = [...cuts.map((cut) => starts[cut.file]! + cut.offset), total];
  const pieces: Piece[][] = Array.from({ length: workers }, () => []);
  let worker = 0;
  for (const [file, size] of sizes.entries()) {
    const start = starts[file]!;
    let at = start;
    do {
      while (at < total && ends[worker]! <= at) worker += 1;
      const bytes = Math.min(start + size, ends[worker]!) - at;
      pieces[worker]!.push({ file, offset: at - start, bytes });
      at += bytes;
    } while (at < start + size);
  }
  return pieces;
}
