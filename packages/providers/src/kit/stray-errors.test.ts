import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { strayErrors } from "./stray-errors.ts";

const events = ["uncaughtException", "unhandledRejection"] as const;
const listening = () => events.map((event) => process.rawListeners(event));

describe.each(events)("%s", (event) => {
  let runners: ReturnType<typeof listening>;
  let ended: unknown[];
  /** As Lambda's runtime does: the container ends. */
  const platform = (thrown: unknown) => void ended.push(thrown);

  // The test runner has listeners of its own, which must not see what is thrown here.
  beforeEach(() => {
    runners = listening();
    for (const each of events) process.removeAllListeners(each);
    ended = [];
    process.on(event, platform);
  });
  afterEach(() => {
    events.forEach((each, index) => {
      process.removeAllListeners(each);
      for (const listener of runners[index]!) process.on(each, listener as () => void);
    });
  });
  const stray = (thrown: unknown) => process.emit(event as "uncaughtException", thrown as Error);

  it("goes to the invocation that runs, and not to the platform", async () => {
    const watch = strayErrors().watch();
    stray("lost");
    await expect(watch.thrown).rejects.toBe("lost");
    expect(ended).toEqual([]);
    watch.close();
  });

  it("goes to the platform when no invocation runs", () => {
    const strays = strayErrors();
    strays.watch().close();
    stray("between");
    expect(ended).toEqual(["between"]);
  });

  it("goes to all invocations that run; the platform is back with the last one's end", async () => {
    const strays = strayErrors();
    const [first, second] = [strays.watch(), strays.watch()];
    first.close();
    first.close();
    stray("lost");
    await expect(second.thrown).rejects.toBe("lost");
    expect(ended).toEqual([]);
    second.close();
    expect(process.rawListeners(event)).toEqual([platform]);
  });

  it("is listened for by nobody that a job has left behind", () => {
    const watch = strayErrors().watch();
    process.on(event, () => {});
    watch.close();
    expect(process.rawListeners(event)).toEqual([platform]);
  });
});
