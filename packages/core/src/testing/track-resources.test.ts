import { describe, expect, it } from "vitest";
import { codeOf } from "./net-places.suite.ts";
import { trackResources } from "./track-resources.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { createVirtualNetwork } from "./virtual-network.ts";
import { serverAt } from "./world.suite.ts";

describe("trackResources", () => {
  it("names a socket, a listener and a timer that are left, and not those that were there before", async () => {
    const clock = createVirtualClock();
    const network = createVirtualNetwork({ seed: 1, clock });
    const host = network.host({ name: "h", address: serverAt.host });
    const before = await host.listen({ port: 1, onConnection: (socket) => socket.destroy() });
    const old = clock.setTimer(1e9, () => undefined);
    const resources = trackResources({ clock, network });
    await resources.check();
    const listener = await host.listen({ port: serverAt.port, onConnection: (socket) => socket.destroy() });
    const dialling = host.dial({ host: serverAt.host, port: 9 });
    const timer = clock.setTimer(1e9, () => undefined);
    const leaks = resources.leaks().join("\n");
    expect(resources.leaks()).toHaveLength(3);
    expect(leaks).toContain("listener of h on port 7000");
    expect(leaks).toContain("syn-sent");
    expect(leaks).toContain("track-resources.test.ts");
    const code = codeOf(dialling);
    await expect(resources.check()).rejects.toThrow("2 leaked");
    expect(await code).toBe("ECONNREFUSED");
    timer.cancel();
    await listener.close();
    await resources.check();
    old.cancel();
    await before.close();
  });
});
