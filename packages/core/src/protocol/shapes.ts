// Shapes that messages of both sides are made of.

import { rungs } from "./rungs.ts";
import * as is from "./shape.ts";

export const rank = is.whole(0, 99_999);
export const attempt = is.whole(0, 999);
/** An endpoint's fields, for what has others too. */
export const place = { host: is.text(64), port: is.whole(1, 65_535) };
export const endpoint = is.object(place);
export const candidate = is.object({
  type: is.oneOf("host", "srflx"),
  tcpType: is.oneOf("so", "passive"),
  ...place,
});
export const mapping = is.oneOf(
  "none",
  "unknown",
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
);
export const errorRecord = is.object({
  code: is.text(64),
  message: is.text(65_536),
  hint: is.maybe(is.text(4096)),
  rank: is.maybe(rank),
  attempt: is.maybe(attempt),
  stack: is.maybe(is.text(65_536)),
});
export const ping = is.object({ id: is.whole() });
export const rung = is.oneOf(...rungs);
export const route = is.whole(0, 1_000);
