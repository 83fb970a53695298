// Reads a PNG file of any kind as red, green and blue, a byte each; what is transparent lets white through.

import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png";
import { FnmeshError } from "fnmesh";

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Throws INVALID_ARGUMENT. */
export function readPng(file: Uint8Array): Picture {
  const png = decoded(file);
  const { width, height } = png;
  const bytes = bytesOf(png);
  const channels = bytes.length / (width * height);
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    // 1: grey; 2: grey, alpha; 3: colours; 4: colours, alpha.
    const isGrey = channels < 3;
    const alpha = channels % 2 === 0 ? bytes[at + channels - 1]! / 255 : 1;
    for (let channel = 0; channel < 3; channel++) {
      const value = bytes[at + (isGrey ? 0 : channel)]!;
      rgb[pixel * 3 + channel] = Math.round(alpha * value + (1 - alpha) * 255);
    }
  }
  return { width, height, rgb };
}

function decoded(file: Uint8Array): DecodedPng {
  try {
    return decode(file);
  } catch (cause) {
    throw new FnmeshError("INVALID_ARGUMENT", `the input is no PNG file: ${(cause as Error).message}`, {
      cause,
      hint: "Give one: --input picture.png",
    });
  }
}

function bytesOf(png: DecodedPng): Uint8Array {
  if (png.palette !== undefined) return convertIndexedToRgb(png);
  if (png.depth === 8) return png.data as Uint8Array;
  if (png.depth === 16) return Uint8Array.from(png.data, (value) => value >> 8);
  throw new FnmeshError("INVALID_ARGUMENT", `a grey PNG of ${png.depth} bits a pixel is not supported`, {
    hint: "Save it with 8 bits.",
  });
}
