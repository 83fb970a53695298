// A bucket of S3 whose objects are texts, as far as input is read: listings, and ranges of what was listed.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface OneBucket extends AsyncDisposable {
  readonly endpoint: string;
}

const etagOf = (text: string): string => `"${createHash("md5").update(text).digest("hex")}"`;

/** `objects`: texts by key, which has no sign that XML would have to escape. */
export async function serveBucket(
  bucket: string,
  objects: Readonly<Record<string, string>>,
): Promise<OneBucket> {
  const list = (prefix: string, response: ServerResponse) => {
    const found = Object.entries(objects).filter(([key]) => key.startsWith(prefix));
    const entries = found.map(
      ([key, text]) =>
        `<Contents><Key>${key}</Key><Size>${Buffer.byteLength(text)}</Size><ETag>${etagOf(text)}</ETag></Contents>`,
    );
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join("")}</ListBucketResult>`);
  };
  const server = createServer(({ url = "", headers }, response) => {
    const { pathname, searchParams } = new URL(url, "http://s3");
    if (searchParams.get("list-type") === "2" && pathname === `/${bucket}`) {
      return list(searchParams.get("prefix") ?? "", response);
    }
    const text = objects[decodeURIComponent(pathname.slice(bucket.length + 2))];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    if (text === undefined || first === undefined) return response.writeHead(404).end();
    if (headers["if-match"] !== etagOf(text)) return response.writeHead(412).end();
    return response.writeHead(206).end(Buffer.from(text).subarray(Number(first), Number(last) + 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
