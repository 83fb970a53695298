// The filters by their definitions, a pixel at a time, as exact numbers that nobody has rounded yet: to compare with.

import type { Picture } from "../read-png.ts";

type PixelAt = (row: number, column: number) => number;

/** One channel, continued beyond the borders by what is there. */
function channelOf({ width, height, rgb }: Picture, channel: number): PixelAt {
  const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
  return (row, column) => rgb[(within(row, height) * width + within(column, width)) * 3 + channel]!;
}

const eachPixel = ({ width, height }: Picture, value: (row: number, column: number) => number[]): number[] =>
  Array.from({ length: width * height }, (_, pixel) =>
    value(Math.floor(pixel / width), pixel % width),
  ).flat();

const offsets = (reach: number): number[] =>
  Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);

export function plainBlur(picture: Picture, sigma: number): number[] {
  const near = offsets(Math.ceil(3 * sigma));
  const window = near.flatMap((down) =>
    near.map((along) => ({ down, along, weight: Math.exp(-(down ** 2 + along ** 2) / (2 * sigma ** 2)) })),
  );
  const total = window.reduce((sum, { weight }) => sum + weight, 0);
  const channels = [0, 1, 2].map((channel) => channelOf(picture, channel));
  return eachPixel(picture, (row, column) =>
    channels.map(
      (at) =>
        window.reduce((sum, { down, along, weight }) => sum + weight * at(row + down, column + along), 0) /
        total,
    ),
  );
}

export function plainEdges(picture: Picture): number[] {
  const [red, green, blue] = [0, 1, 2].map((channel) => channelOf(picture, channel)) as [
    PixelAt,
    PixelAt,
    PixelAt,
  ];
  const grey: PixelAt = (row, column) =>
    0.299 * red(row, column) + 0.587 * green(row, column) + 0.114 * blue(row, column);
  const kernel = [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ];
  return eachPixel(picture, (row, column) => {
    let [along, down] = [0, 0];
    for (const y of [0, 1, 2]) {
      for (const x of [0, 1, 2]) {
        along += kernel[y]![x]! * grey(row + y - 1, column + x - 1);
        down += kernel[x]![y]! * grey(row + y - 1, column + x - 1);
      }
    }
    return [Math.min(255, Math.sqrt(along ** 2 + down ** 2))];
  });
}
