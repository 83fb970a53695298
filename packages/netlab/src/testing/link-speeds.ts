// How fast the links of a lab are, measured by bare sockets: every worker sends to the internet or receives from it, all
// of them at once; and then both ways at once, where each way also carries the other's acknowledgements.

import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import type { Lab } from "../lab.ts";

/** In bits per second, with the headers of Ethernet, IP and TCP, as a link counts. */
export interface LinkSpeed {
  readonly up: number;
  readonly down: number;
  /** Up and down together, while both are busy. */
  readonly both: number;
}

/** About a second at the rates that tests use, so that a late timer does not count. */
const totalBytes = 6 * 1024 * 1024;
/** The first bytes pass in a burst. */
const warmUpBytes = 512 * 1024;
/** Of a full frame of 1,514 bytes 1,448 are payload (a TCP header with timestamps). */
const headerShare = 1514 / 1448;

/** Sends as much as it is told to, and tells how many bits a second it received, if any. */
const peerScript = `
const net = require("node:net");
const [host, port, sends, receives, warmUp] = process.argv.slice(1).map((arg, i) => i ? Number(arg) : arg);
const socket = net.connect({ host, port });
let [got, base, from] = [0, 0, 0];
socket.on("data", (chunk) => {
  got += chunk.length;
  if (base === 0 && got >= warmUp) [base, from] = [got, performance.now()];
  if (got >= receives) console.log(((got - base) * 8000) / (performance.now() - from));
});
socket.write(Buffer.alloc(sends));
`;

export const linkSpeeds = (lab: Lab): Promise<readonly LinkSpeed[]> =>
  Promise.all(
    lab.places.map(async ({ rank }) => {
      const { up } = await exchange(lab, rank, totalBytes, 0);
      const { down } = await exchange(lab, rank, 0, totalBytes);
      const atOnce = await exchange(lab, rank, totalBytes, totalBytes);
      return { up, down, both: atOnce.up + atOnce.down };
    }),
  );

/** A worker sends and receives so many bytes at the same time. */
async function exchange(lab: Lab, rank: number, upBytes: number, downBytes: number) {
  const server = net.createServer().listen(0, lab.orchestratorHost);
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const program = [process.execPath, "-e", peerScript, lab.orchestratorHost];
  const figures = [port, upBytes, downBytes, warmUpBytes].map(String);
  const [tool, ...rest] = [...lab.enter(rank), ...program, ...figures];
  const child = spawn(tool!, rest, { stdio: ["ignore", "pipe", "inherit"] });
  let socket: net.Socket | undefined;
  try {
    [socket] = (await once(server, "connection")) as [net.Socket];
    const received = upBytes === 0 ? 0 : speedOf(socket);
    const told = downBytes === 0 ? ["0"] : once(child.stdout.setEncoding("utf8"), "data");
    socket.on("error", () => {}).write(Buffer.alloc(downBytes));
    const [up, [down]] = await Promise.all([received, told]);
    return { up: up * headerShare, down: Number(down) * headerShare };
  } finally {
    child.kill("SIGKILL");
    // The lab may be gone before the other side's last word is through: nobody waits for that.
    socket?.destroy();
    server.close();
  }
}

function speedOf(socket: net.Socket): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    let from: { readonly atMs: number; readonly bytes: number } | undefined;
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received >= warmUpBytes) from ??= { atMs: performance.now(), bytes: received };
      if (received < totalBytes) return;
      resolve(((received - from!.bytes) * 8_000) / (performance.now() - from!.atMs));
    });
  });
}
