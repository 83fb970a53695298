import { afterEach, beforeEach, expect, test } from "vitest";
import { beSteered, openSteering, type Steering } from "./control.ts";

const host = "127.0.0.1";
let steering: Steering;
let abort: AbortController;
beforeEach(async () => {
  abort = new AbortController();
  steering = await openSteering(host, abort.signal);
});
afterEach(() => steering.close());

const start = (rank: number) =>
  beSteered({
    host,
    port: steering.port,
    hello: { rank },
    async handle({ say }) {
      if (say === "fail") throw new Error("as asked");
      return { rank, said: say ?? null };
    },
  });

test("ends are found by their hello, whether they come before or after they are asked for", async () => {
  const early = start(0);
  const late = steering.ends(1, ({ rank }) => rank === 1);
  const [zero] = await steering.ends(1, ({ rank }) => rank === 0);
  const second = start(1);
  const [one] = await late;
  expect([zero!.hello, one!.hello]).toEqual([{ rank: 0 }, { rank: 1 }]);
  await steering.close();
  await Promise.all([early, second]);
});

test("answers come in the order of the questions, and a failure fails its own question alone", async () => {
  const steered = start(3);
  const [end] = await steering.ends(1, () => true);
  const answers = await Promise.allSettled([
    end!.ask({ say: "a" }),
    end!.ask({ say: "fail" }),
    end!.ask({ say: "b" }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(answers[2]).toMatchObject({ value: { rank: 3, said: "b" } });
  await steering.close();
  await steered;
});

test("a process that goes fails what is asked of it", async () => {
  const steered = start(4);
  const [end] = await steering.ends(1, () => true);
  await steering.close();
  await steered;
  await expect(end!.ask({ say: "a" })).rejects.toThrow("gone");
});

test("an abort ends what is waited for", async () => {
  const waiting = steering.ends(2, () => true);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(steering.ends(1, () => true)).rejects.toThrow("enough");
});
