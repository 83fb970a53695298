// The door to datasets, for a job's code.

import { createGroup, datasetContext, newRoots } from "../group/create-group.ts";
import type { Group } from "../group/group.ts";
import { atEnd } from "../job/endings.ts";
import type { RuntimeWorker } from "../job/job.ts";
import { innerOf } from "../peers/inner.ts";
import { createActions, type Turns } from "./actions.ts";
import type { Columns, CsvOptions, RowOf } from "./csv.ts";
import { Dataset } from "./dataset.ts";
import type { Execution } from "./execution.ts";
import { Keep } from "./keep.ts";
import { memoryBudget } from "./memory.ts";
import type { Plan } from "./plan.ts";
import {
  csvPlan,
  type FilesOptions,
  jsonlPlan,
  linesPlan,
  rangePlan,
  valuesPlan,
  wordsPlan,
} from "./sources.ts";
import type { WordsOptions } from "./words.ts";

export interface Datasets {
  /** The lines of the job's input, without their ends. */
  text(options?: FilesOptions): Dataset<string>;
  /** The words of the job's input: runs of letters, in lower case unless told otherwise. Much faster than to match lines. */
  words(options?: FilesOptions & WordsOptions): Dataset<string>;
  /** A JSON document a line. */
  jsonl<Row = unknown>(options?: FilesOptions): Dataset<Row>;
  /** Lines of separated values, as objects with the columns' names. */
  csv<const C extends Columns>(options: FilesOptions & CsvOptions<C>): Dataset<RowOf<C>>;
  /** Whole numbers from `from` (default: 0), below `to`. */
  range(to: number): Dataset<number>;
  range(from: number, to: number): Dataset<number>;
  /** Values that every worker has; each takes its part of them. */
  of<Row>(values: readonly Row[]): Dataset<Row>;
}

export interface DatasetsOptions {
  /** Bytes of rows that one operation of a worker keeps in memory before it goes to disk. Default: 15 % of the heap. */
  readonly memoryBytes?: number;
}

type DatasetWorker = Pick<RuntimeWorker, "rank" | "size" | "input" | "output" | "peers" | "stage">;

/** What all datasets of one worker share, wherever in its code they are made. */
interface Shared {
  readonly group: Group;
  readonly kept: Keep;
  readonly turns: Turns;
  shuffles: number;
}

const sharedDoor: unique symbol = Symbol("datasets");

function sharedOf(worker: DatasetWorker & { [sharedDoor]?: Shared }): Shared {
  const { rank, size, peers } = worker;
  const members = Array.from({ length: size }, (_, other) => other);
  if (worker[sharedDoor] !== undefined) return worker[sharedDoor];
  const kept = new Keep();
  atEnd(worker, () => kept.close());
  worker[sharedDoor] = {
    group: createGroup(newRoots(innerOf(peers)), { rank, members, context: datasetContext }),
    kept,
    turns: { last: Promise.resolve() },
    shuffles: 0,
  };
  return worker[sharedDoor];
}

/**
 * Datasets over the workers of a job. All workers make the same ones and call the same actions.
 *
 * @example
 * const orders = datasets(worker).csv({ files: "orders*.csv", columns: { id: "int", price: "number" } });
 * const total = await orders.map(({ price }) => price).reduce((left, right) => left + right);
 */
export function datasets(worker: DatasetWorker, options: DatasetsOptions = {}): Datasets {
  const { rank, size, input, output, stage } = worker;
  const shared = sharedOf(worker);
  const execution: Omit<Execution, "held"> = {
    place: { rank, size, input },
    group: shared.group,
    budget: options.memoryBytes ?? memoryBudget(),
    nextShuffle() {
      shared.shuffles += 1;
      return shared.shuffles - 1;
    },
    kept: shared.kept,
  };
  const actions = createActions({ execution, turns: shared.turns, output, stage });
  const from = <Row>(plan: Plan) => new Dataset<Row>(plan, actions);
  return {
    text: (options) => from(linesPlan(options)),
    words: (options) => from(wordsPlan(options)),
    jsonl: (options = {}) => from(jsonlPlan(options)),
    csv: (options) => from(csvPlan(options)),
    range: (first: number, to?: number) =>
      from(to === undefined ? rangePlan(0, first) : rangePlan(first, to)),
    of: (values) => from(valuesPlan(values)),
  };
}
