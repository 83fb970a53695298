import net from "node:net";
import { nodeEnv, nodeNet } from "@fnmesh/core/internal";
import { decodeObserved, FrameDecoder, mostObserveFrameBytes } from "@fnmesh/core/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOrchestrator } from "../create-orchestrator.ts";
import { listenForObservers, type ObserveListener } from "./observe-listener.ts";
import { Refusals } from "./refusals.ts";

let observe: ObserveListener;
beforeEach(async () => {
  observe = await listenForObservers({
    ...{ env: nodeEnv(), host: "127.0.0.1", port: 0 },
    refusals: new Refusals(),
  });
});
afterEach(() => observe.close());

test("whoever connects is told from where it is seen, and the connection ends", async () => {
  const socket = await nodeNet.dial({ host: "127.0.0.1", port: observe.port });
  const { localPort } = socket;
  const decoder = new FrameDecoder(mostObserveFrameBytes);
  const frames = [];
  for await (const bytes of socket) frames.push(...decoder.push(bytes));
  decoder.end();
  expect(frames.map(decodeObserved)).toEqual([{ host: "127.0.0.1", port: localPort }]);
});

test("whoever stays is thrown out", async () => {
  const socket = net.connect({ port: observe.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {}); // A reset is one of the ways to be thrown out.
  const chatter = setInterval(() => socket.write("still here"), 50);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(chatter);
});

test("a port that is taken is an error that says so, and nothing stays open", async () => {
  const options = { env: nodeEnv(), providers: [] };
  const taken = { port: observe.port };
  await expect(createOrchestrator({ ...options, listen: taken })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(String(observe.port)),
  });
  await expect(
    createOrchestrator({ ...options, listen: { observePort: observe.port } }),
  ).rejects.toMatchObject({ code: "PORT_IN_USE" });
});

test("an orchestrator tells workers the address it is given for them", async () => {
  const orchestrator = await createOrchestrator({
    env: nodeEnv(),
    providers: [],
    advertise: "203.0.113.5",
    listen: { host: "0.0.0.0" },
  });
  expect(orchestrator.address.host).toBe("203.0.113.5");
  await orchestrator.close();
});
