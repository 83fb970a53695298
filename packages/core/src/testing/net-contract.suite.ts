// What core relies on in a `Net`, as cases that run over the real kernel and over the virtual network alike: so the
// virtual network says what Linux says. One host, over its loopback addresses.

import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Net } from "../env/env.ts";
import { bytesOf, closed, codeOf, host, Places, readAll } from "./net-places.suite.ts";

/** `freePort` gives ports that nothing on the machine uses and that were not given before. */
export function describeNetContract(name: string, makeNet: () => Net, freePort: () => number): void {
  const open = (): Places => new Places(makeNet());

  describe(`${name}: local ports`, () => {
    it("dials from the port that was chosen", async () => {
      const places = open();
      const { port, next } = await places.listen();
      const localPort = freePort();
      const socket = await places.dial(port, localPort);
      expect(socket).toMatchObject({ localPort, remotePort: port, remoteAddress: host });
      expect(await next()).toMatchObject({ localPort: port, remotePort: localPort, remoteAddress: host });
    });

    it("several sockets share a chosen port if their remote ends differ", async () => {
      const places = open();
      const remotes = await Promise.all([places.listen(), places.listen(), places.listen()]);
      const localPort = freePort();
      for (const { port } of remotes) expect((await places.dial(port, localPort)).localPort).toBe(localPort);
    });

    it("the same four-tuple twice is EADDRNOTAVAIL", async () => {
      const places = open();
      const { port } = await places.listen();
      const localPort = freePort();
      await places.dial(port, localPort);
      expect(await codeOf(places.dial(port, localPort))).toBe("EADDRNOTAVAIL");
    });

    it("dialling from a port on which this host listens is EADDRINUSE", async () => {
      const places = open();
      const { port } = await places.listen();
      const other = await places.listen();
      expect(await codeOf(places.dial(port, other.port))).toBe("EADDRINUSE");
    });

    it("listening on a port from which connections were dialled works, and ends dialling from it", async () => {
      const places = open();
      const first = await places.listen();
      const second = await places.listen();
      const localPort = freePort();
      await places.dial(first.port, localPort);
      expect((await places.listen(localPort)).port).toBe(localPort);
      expect(await codeOf(places.dial(second.port, localPort))).toBe("EADDRINUSE");
    });

    it("a port that was assigned cannot be used again, neither to dial nor to listen", async () => {
      const places = open();
      const first = await places.listen();
      const second = await places.listen();
      const { localPort } = await places.dial(first.port);
      expect(await codeOf(places.dial(second.port, localPort!))).toBe("EADDRINUSE");
      expect(await codeOf(places.listen(localPort!))).toBe("EADDRINUSE");
    });

    it("two listeners on one port are EADDRINUSE", async () => {
      const places = open();
      const { port } = await places.listen();
      expect(await codeOf(places.listen(port))).toBe("EADDRINUSE");
    });

    it("a listener's port is free again once it is closed", async () => {
      const places = open();
      const { listener, port } = await places.listen();
      await listener.close();
      expect(await codeOf(places.dial(port))).toBe("ECONNREFUSED");
      await places.listen(port);
    });

    it("closing a listener is done when what it accepted has ended, and may be done twice", async () => {
      const places = open();
      const { listener, port, next } = await places.listen();
      const near = await places.dial(port);
      const far = await next();
      let closedAlready = false;
      const closing = Promise.all([listener.close(), listener.close()]).then(() => {
        closedAlready = true;
      });
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(closedAlready).toBe(false);
      const gone = closed(far);
      near.resetAndDestroy();
      far.resume();
      await Promise.all([gone, closing]);
    });

    it("after a reset the same four-tuple can be dialled again at once", async () => {
      const places = open();
      const { port, next } = await places.listen();
      const localPort = freePort();
      const first = await places.dial(port, localPort);
      const far = await next();
      const gone = closed(far);
      first.resetAndDestroy();
      far.resume();
      await gone;
      await places.dial(port, localPort);
    });

    it("a dial that was aborted rejects with the signal's reason", async () => {
      const net = makeNet();
      const places = new Places(net);
      const { port } = await places.listen();
      const controller = new AbortController();
      const dialling = net.dial({ host, port, signal: controller.signal });
      controller.abort(new RangeError("enough"));
      await expect(dialling).rejects.toThrow("enough");
      await expect(net.dial({ host, port, signal: controller.signal })).rejects.toThrow("enough");
    });
  });

  describe(`${name}: bytes`, () => {
    it("arrive whole and in order, whatever the sizes in which they are written", async () => {
      const { near, far } = await open().pair();
      const all = bytesOf(700_000);
      for (let at = 0, size = 1; at < all.length; at += size, size = ((size * 3) % 40_000) + 1) {
        near.write(all.subarray(at, at + size));
      }
      near.end();
      expect(Buffer.compare(await readAll(far), all)).toBe(0);
    });

    it("wait for a reader that is slow: what is under way is bounded", async () => {
      const { near, far } = await open().pair();
      far.pause();
      let accepted = 0;
      let sawFull = false;
      const piece = bytesOf(1024 * 1024);
      for (let round = 0; round < 64 && !sawFull; round += 1) {
        sawFull = await new Promise<boolean>((resolve) => {
          // A write that is not taken within many turns of the event loop waits for the reader.
          let turns = 200;
          const wait = () => (turns-- > 0 ? void setImmediate(wait) : resolve(true));
          near.write(piece, () => {
            accepted += 1;
            resolve(false);
          });
          wait();
        });
      }
      expect(sawFull).toBe(true);
      expect(accepted).toBeLessThan(64);
      const written = accepted + 1;
      near.end();
      expect((await readAll(far)).length).toBe(written * piece.length);
    });

    it("are read into the memory that a reader gives, and no further than it wants", async () => {
      const net = makeNet();
      const places = new Places(net);
      const { port, next } = await places.listen();
      const read: Buffer[] = [];
      let buffer = new Uint8Array(0);
      let wanted = false;
      const seen = (count: number) => {
        let wait = () => {};
        const poll = new Promise<void>((resolve) => {
          wait = resolve;
        });
        const check = () => (Buffer.concat(read).length >= count ? wait() : void setImmediate(check));
        check();
        return poll;
      };
      const reader = {
        nextBuffer: () => {
          buffer = new Uint8Array(1000);
          return buffer;
        },
        advance: (count: number) => {
          read.push(Buffer.from(buffer.subarray(0, count)));
          return wanted;
        },
      };
      const near = places.keep(await net.dial({ host, port, reader }));
      const far = await next();
      const all = bytesOf(10_000);
      far.write(all);
      await seen(1);
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(read.length).toBe(1);
      wanted = true;
      near.resume();
      await seen(all.length);
      expect(Buffer.compare(Buffer.concat(read), all)).toBe(0);
      const ended = new Promise((resolve) => near.once("end", resolve));
      far.end();
      await ended;
    });
  });

  describe(`${name}: endings`, () => {
    it("end() ends the other side's bytes, which then ends its own", async () => {
      const { near, far } = await open().pair();
      const bothClosed = Promise.all([closed(near), closed(far)]);
      near.end("last words");
      near.resume();
      expect(await text(far)).toBe("last words");
      expect(await bothClosed).toEqual(["without an error", "without an error"]);
    });

    it("destroy() still delivers what was written", async () => {
      const { near, far } = await open().pair();
      await new Promise<void>((resolve) => near.write("last words", () => resolve()));
      near.destroy();
      expect(await text(far)).toBe("last words");
    });

    it("resetAndDestroy() is ECONNRESET for the other side", async () => {
      const { near, far } = await open().pair();
      const end = closed(far);
      far.resume();
      near.resetAndDestroy();
      expect(await end).toBe("ECONNRESET");
    });

    it("writing to a peer that has closed ends in an error", async () => {
      const { near, far } = await open().pair();
      const end = closed(near);
      far.destroy();
      const write = () => {
        if (near.destroyed) return;
        near.write(bytesOf(1000));
        setImmediate(write);
      };
      write();
      expect(["ECONNRESET", "EPIPE", "without an error"]).toContain(await end);
    });
  });
}
