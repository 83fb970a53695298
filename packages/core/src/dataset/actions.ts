// What makes a plan run, and gives all workers the result.

import { FnmeshError } from "../errors/errors.ts";
import type { Group } from "../group/group.ts";
import type { Output } from "../job/job.ts";
import { prepare } from "./execute.ts";
import type { Execution } from "./execution.ts";
import { Keep } from "./keep.ts";
import { compareKeys, type Key } from "./key.ts";
import type { Batch, Plan } from "./plan.ts";
import { userError } from "./user-error.ts";

type Body<T> = (batches: AsyncIterable<Batch>, execution: Execution) => Promise<T>;

export interface Actions {
  run<T>(label: string, plan: Plan, body: Body<T>): Promise<T>;
  save(label: string, plan: Plan, line: (row: unknown) => string, header?: string): Promise<void>;
}

/** The end of the last action: one comes after the other, as they share the order of collectives and of shuffles. */
export interface Turns {
  last: Promise<unknown>;
}

export interface ActionsOptions {
  /** But for what each action holds by itself. */
  readonly execution: Omit<Execution, "held">;
  /** All actions of a worker have the same ones. */
  readonly turns: Turns;
  readonly output: Output;
  /** Shows the action as a stage. */
  readonly stage: <T>(name: string, body: () => Promise<T>) => Promise<T>;
}

export function createActions({ execution, turns, output, stage }: ActionsOptions): Actions {
  function run<T>(label: string, plan: Plan, body: Body<T>): Promise<T> {
    const result = turns.last.then(() =>
      stage(label, async () => {
        const held = execution.kept.add(new Keep());
        try {
          const open = prepare(plan, { ...execution, held });
          return await body(await open(), { ...execution, held });
        } finally {
          execution.kept.release(held);
          held.close();
        }
      }),
    );
    // Its caller hears of its error; who comes next need not.
    turns.last = result.catch(() => {});
    return result;
  }

  return {
    run,
    save: (label, plan, line, header) =>
      run(label, plan, async (batches, { place }) => {
        if (header !== undefined && place.rank === 0) await output.write(`${header}\n`);
        let record = 0;
        for await (const batch of batches) {
          const lines: string[] = [];
          for (const row of batch) {
            try {
              lines.push(line(row));
            } catch (thrown) {
              throw userError(label, place.rank, record, thrown);
            }
            record += 1;
          }
          await output.write(`${lines.join("\n")}\n`);
        }
      }),
  };
}

/** Of rows that all workers get. */
const mostTakenRows = 10_000_000;

export async function takeFirst<Row>(
  batches: AsyncIterable<Batch>,
  group: Group,
  count: number,
): Promise<Row[]> {
  checkCount(count);
  let mine: Row[] = [];
  for await (const batch of batches as AsyncIterable<readonly Row[]>) {
    for (const row of batch) mine.push(row);
    if (mine.length > mostTakenRows) {
      throw new FnmeshError("LIMIT", `more than ${mostTakenRows} rows for every worker`, {
        hint: "Collect what is small; write the rest with saveAsText, saveAsJsonl or saveAsCsv.",
      });
    }
    if (mine.length >= count) {
      mine = mine.slice(0, count);
      break;
    }
  }
  const all = await group.allGather(mine);
  return all.flat().slice(0, count) as Row[];
}

export async function takeTop<Row>(
  batches: AsyncIterable<Batch>,
  group: Group,
  count: number,
  by: (row: Row) => Key,
): Promise<Row[]> {
  checkCount(count);
  type Ranked = readonly [key: Key, row: Row];
  const best = (rows: Ranked[]) => rows.sort(([left], [right]) => compareKeys(right, left)).slice(0, count);
  let mine: Ranked[] = [];
  for await (const batch of batches as AsyncIterable<readonly Row[]>) {
    for (const row of batch) mine.push([by(row), row]);
    // Sorting seldom costs little; keeping few costs nothing.
    if (mine.length > 2 * count + 10_000) mine = best(mine);
  }
  const all = await group.allGather(best(mine));
  return best(all.flat() as Ranked[]).map(([, row]) => row);
}

function checkCount(count: number): void {
  if (count >= 0 && (Number.isInteger(count) || count === Number.POSITIVE_INFINITY)) return;
  throw new FnmeshError("INVALID_ARGUMENT", `a number of rows is a whole number, not ${count}`);
}
