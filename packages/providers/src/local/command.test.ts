import { expect, it } from "vitest";
import { heapLimitMb, workerCommand, workerEnvironment } from "./command.ts";

const command = { node: "/bin/node", entry: "/fn/entry.cjs", memoryMb: 1024, place: [], deathSignal: true };

it("puts the place first, and the kernel's death signal next to Node", () => {
  expect(workerCommand({ ...command, place: ["nsenter", "--net=/run/netns/w3", "--"] }).join(" ")).toBe(
    "nsenter --net=/run/netns/w3 -- setpriv --pdeathsig KILL -- /bin/node --max-old-space-size=921 --max-semi-space-size=16 /fn/entry.cjs",
  );
});

it("tells the worker to watch its parent where the kernel cannot", () => {
  expect(workerCommand({ ...command, deathSignal: false }).join(" ")).toBe(
    "/bin/node --max-old-space-size=921 --max-semi-space-size=16 /fn/entry.cjs --watch-parent",
  );
});

it.each([
  [128, 64],
  [640, 576],
  [1769, 1592],
  [10_240, 9216],
])("of %i MB leaves %i MB to the heap", (memoryMb, heapMb) => {
  expect(heapLimitMb(memoryMb)).toBe(heapMb);
});

it("does not hand the parent's own Node settings on", () => {
  const environment = workerEnvironment(
    { NODE_OPTIONS: "--inspect", PATH: "/bin", NODE_V8_COVERAGE: "/c" },
    512,
  );
  expect(environment).toMatchObject({ PATH: "/bin" });
  expect(environment).not.toHaveProperty("NODE_OPTIONS");
  expect(environment).not.toHaveProperty("NODE_V8_COVERAGE");
});

it("lets the C library keep an eighth of the memory, unless the user says otherwise", () => {
  expect(workerEnvironment({}, 128)).toEqual({
    MALLOC_TRIM_THRESHOLD_: String(16 * 1024 * 1024),
    MALLOC_MMAP_THRESHOLD_: String(16 * 1024 * 1024),
  });
  expect(workerEnvironment({}, 10_240).MALLOC_MMAP_THRESHOLD_).toBe(String(32 * 1024 * 1024));
  expect(workerEnvironment({ MALLOC_TRIM_THRESHOLD_: "1" }, 128).MALLOC_TRIM_THRESHOLD_).toBe("1");
});
