import { encodePeerHeader, peerFrame } from "@fnmesh/core/internal";
import { createVirtualClock, seededRandom } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { pattern } from "../testing/collector.ts";
import { createMemoryService, createMemoryStore } from "../testing/memory-store.ts";
import { createNoticeBoard } from "../testing/notice-board.ts";
import { combined, type Layout } from "./layout.ts";
import { NoteWriter } from "./note-writer.ts";
import { ObjectWriter } from "./object-writer.ts";

const peer = { rank: 1, attempt: 0 };

function setUp(layout: Layout = combined) {
  const clock = createVirtualClock();
  const service = createMemoryService();
  const store = createMemoryStore({ service, clock, random: seededRandom(1) });
  const failures: unknown[] = [];
  const writer = new ObjectWriter({
    store,
    layout,
    nameOf: (object) => `${object}`,
    notes: new NoteWriter(createNoticeBoard().of(0), 0),
    clock,
    signal: new AbortController().signal,
    onDrain: () => {},
    onFailure: (error) => void failures.push(error),
  });
  let number = 0;
  const write = (size: number) => {
    const header = encodePeerHeader({ type: peerFrame.data }, size);
    writer.write(peer, number++, header, pattern(size, 1), () => {});
  };
  return { clock, service, store, writer, write, failures };
}

test("what is written within a pause becomes one object, and not before the pause", async () => {
  const { clock, service, write } = setUp();
  for (let index = 0; index < 5; index += 1) {
    write(100);
    await clock.advance(2);
  }
  expect(service.objects.size).toBe(0);
  await clock.advance(2);
  expect([...service.objects.values()].map(({ length }) => length)).toEqual([5 * 120]);
});

test("whoever never pauses waits for 50 ms at most", async () => {
  const { clock, service, write } = setUp();
  for (let index = 0; index < 60; index += 1) {
    write(100);
    await clock.advance(1);
  }
  expect(service.objects.size).toBe(1);
});

test("an object that has enough is written at once, and none is longer than the store takes", async () => {
  const layout = {
    ...combined,
    mostObjectBytes: 5_000,
    gathering: { ...combined.gathering!, enoughBytes: 4_000 },
  };
  const { clock, service, write } = setUp(layout);
  for (const size of [2_000, 2_500, 3_000, 4_900]) write(size);
  await clock.settle();
  await clock.advance(0);
  expect([...service.objects.values()].map(({ length }) => length)).toEqual([4_540, 3_020, 4_920]);
});

test("stopped, it writes nothing and leaves no timer", async () => {
  const { clock, service, writer, write } = setUp();
  write(100);
  writer.stop();
  write(100);
  await writer.idle();
  expect(clock.pendingTimers()).toEqual([]);
  expect(service.objects.size).toBe(0);
});
