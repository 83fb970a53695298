// What is done with the image. A filter makes each row from rows near to it: `halo` of them above and below. Beyond the
// image's borders are the rows and columns at the border. The same rows come out whoever has them. Pure.

import { countOf, type Rows, type Strip } from "./bands.ts";

/** Three bytes a pixel come in: red, green, blue. */
export const channelsIn = 3;

export interface Filter {
  readonly halo: number;
  /** Bytes of a pixel that come out: 3 for colours, 1 for grey. */
  readonly channels: 1 | 3;
  /** The rows of `band`, from a strip that has their neighbours too. */
  apply(strip: Strip, band: Rows): Uint8Array;
}

export type FilterName = keyof typeof filters;

export const filters = {
  /** By Gauss: `sigma` in pixels. */
  blur: (sigma: number): Filter => {
    const weights = gaussian(sigma);
    return { halo: weights.length >> 1, channels: 3, apply: (strip, band) => blurred(strip, band, weights) };
  },
  /** By Sobel: how steep the brightness is. */
  edges: (): Filter => ({ halo: 1, channels: 1, apply: edges }),
} as const;

function gaussian(sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const clamp = (value: number, { first, end }: Rows): number => Math.min(Math.max(value, first), end - 1);

/** First along rows, then along columns: two short sums instead of one of a square. */
function blurred(strip: Strip, band: Rows, weights: Float64Array): Uint8Array {
  const { rows, stride } = strip;
  const along = blurredAlongRows(strip, weights);
  const reach = weights.length >> 1;
  const out = new Uint8Array(countOf(band) * stride);
  for (let row = band.first; row < band.end; row++) {
    const sums = new Float64Array(stride);
    for (const [index, weight] of weights.entries()) {
      // A row that the strip does not have lies beyond the image's border.
      const from = (clamp(row + index - reach, rows) - rows.first) * stride;
      for (let at = 0; at < stride; at++) sums[at]! += weight * along[from + at]!;
    }
    out.set(sums.map(Math.round), (row - band.first) * stride);
  }
  return out;
}

function blurredAlongRows({ rows, stride, bytes }: Strip, weights: Float64Array): Float64Array {
  const reach = weights.length >> 1;
  const pixels = { first: 0, end: stride / channelsIn };
  const out = new Float64Array(bytes.length);
  for (let row = 0; row < countOf(rows); row++) {
    const from = row * stride;
    for (let pixel = 0; pixel < pixels.end; pixel++) {
      for (const [index, weight] of weights.entries()) {
        const near = from + clamp(pixel + index - reach, pixels) * channelsIn;
        for (let channel = 0; channel < channelsIn; channel++) {
          out[from + pixel * channelsIn + channel]! += weight * bytes[near + channel]!;
        }
      }
    }
  }
  return out;
}

function edges(strip: Strip, band: Rows): Uint8Array {
  const { rows, stride } = strip;
  const grey = greyOf(strip);
  const pixels = { first: 0, end: stride / channelsIn };
  const at = (row: number, pixel: number) =>
    grey[(clamp(row, rows) - rows.first) * pixels.end + clamp(pixel, pixels)]!;
  const out = new Uint8ClampedArray(countOf(band) * pixels.end);
  let filled = 0;
  for (let row = band.first; row < band.end; row++) {
    for (let pixel = 0; pixel < pixels.end; pixel++) {
      const column = (x: number) => at(row - 1, x) + 2 * at(row, x) + at(row + 1, x);
      const line = (y: number) => at(y, pixel - 1) + 2 * at(y, pixel) + at(y, pixel + 1);
      const steep = Math.hypot(column(pixel + 1) - column(pixel - 1), line(row + 1) - line(row - 1));
      out[filled++] = Math.round(steep);
    }
  }
  return new Uint8Array(out.buffer);
}

/** Brightness, with the weights of ITU-R BT.601. */
function greyOf({ bytes }: Strip): Float64Array {
  return Float64Array.from({ length: bytes.length / channelsIn }, (_, pixel) => {
    const at = pixel * channelsIn;
    return 0.299 * bytes[at]! + 0.587 * bytes[at + 1]! + 0.114 * bytes[at + 2]!;
  });
}
