// A test's texts as the input of a job.

import { type InputPart, shareInput } from "@fnmesh/orchestrator";
import type { RunJobOptions } from "./options.ts";

/** A text without a name gets one: `input-0.txt` is the first of the job, or of its worker. */
export type TestText = string | Uint8Array | { readonly name: string; readonly content: string | Uint8Array };

/** The parts by rank. */
export async function inputOf(
  { input = [], inputByRank }: RunJobOptions,
  workers: number,
): Promise<readonly (readonly InputPart[])[]> {
  return inputByRank?.map((texts) => texts.map(partOf)) ?? (await shareInput(input.map(partOf), workers));
}

function partOf(text: TestText, index: number): InputPart {
  const isNamed = typeof text === "object" && "content" in text;
  const { name, content } = isNamed ? text : { name: `input-${index}.txt`, content: text };
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return {
    name,
    bytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}
