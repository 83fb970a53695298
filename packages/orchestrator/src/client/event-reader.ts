// Reads server-sent events (WHATWG HTML, section 9.2) as the API sends them: one `event` line, one `data` line of JSON.

import { StringDecoder } from "node:string_decoder";

export interface ServerEvent {
  readonly type: string;
  readonly data: unknown;
}

/** A report with all that a job may emit is far below this: whatever is longer is no event of ours. */
const mostEventCharacters = 256 * 1024 * 1024;

/**
 * Throws for what is no event. Ends where the chunks end; half an event at the end is dropped.
 *
 * @example
 * for await (const { type, data } of readEvents(answer)) …
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerEvent | "heartbeat"> {
  const decoder = new StringDecoder("utf8");
  let pieces: string[] = [];
  let waiting = 0;
  for await (const chunk of chunks) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    waiting += text.length;
    if (waiting > mostEventCharacters) throw new Error("an event without an end");
    pieces.push(text);
    // Joined only when an event may have ended: a long one comes in many pieces.
    if (!text.includes("\n")) continue;
    const blocks = pieces.join("").split("\n\n");
    const rest = blocks.pop()!;
    pieces = [rest];
    waiting = rest.length;
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): ServerEvent | "heartbeat" {
  if (block.startsWith(":")) return "heartbeat";
  const [, type, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
  if (type === undefined || data === undefined) throw new Error("what came is no event");
  return { type, data: JSON.parse(data) as unknown };
}
