// Who has which rows of the image. Rows come in strips, which are compressed each by itself, so that the file does not
// depend on how many workers there are; a band is a worker's strips. Pure.

export const stripRows = 16;

/** Rows from `first` up to, and without, `end`. */
export interface Rows {
  readonly first: number;
  readonly end: number;
}

export const countOf = ({ first, end }: Rows): number => Math.max(0, end - first);

export const overlap = (one: Rows, other: Rows): Rows => ({
  first: Math.max(one.first, other.first),
  end: Math.min(one.end, other.end),
});

/** The rows of the worker of that rank; none, if there are more workers than strips. */
export function bandOf(height: number, workers: number, rank: number): Rows {
  const strips = Math.ceil(height / stripRows);
  const border = (worker: number) => Math.min(height, Math.floor((strips * worker) / workers) * stripRows);
  return { first: border(rank), end: border(rank + 1) };
}

/** A band, and as many rows above and below it as the image has, up to `halo`. */
export function withHalo(band: Rows, halo: number, height: number): Rows {
  if (countOf(band) === 0) return band;
  return { first: Math.max(0, band.first - halo), end: Math.min(height, band.end + halo) };
}

/** The strips of a band. */
export function stripsOf({ first, end }: Rows): Rows[] {
  const count = Math.ceil((end - first) / stripRows);
  return Array.from({ length: count }, (_, index) => ({
    first: first + index * stripRows,
    end: Math.min(end, first + (index + 1) * stripRows),
  }));
}

/** Some of an image's rows, in memory. */
export interface Strip {
  readonly rows: Rows;
  /** Bytes of a row. */
  readonly stride: number;
  readonly bytes: Uint8Array;
}

/** Some of these rows, in the same memory. */
export const cut = ({ rows, stride, bytes }: Strip, { first, end }: Rows): Uint8Array =>
  bytes.subarray((first - rows.first) * stride, (end - rows.first) * stride);
