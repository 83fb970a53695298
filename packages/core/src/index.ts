export type { Columns, ColumnType, CsvOptions, RowOf } from "./dataset/csv.ts";
export type { Aggregate, Dataset, JoinOptions } from "./dataset/dataset.ts";
export { type Datasets, type DatasetsOptions, datasets } from "./dataset/datasets.ts";
export type { Key } from "./dataset/key.ts";
export type { FilesOptions } from "./dataset/sources.ts";
export type { WordsOptions } from "./dataset/words.ts";
export type { Log, LogFields, LogLevel } from "./env/env.ts";
export { type ErrorCode, type ErrorRecord, FnmeshError } from "./errors/errors.ts";
export type {
  Combine,
  Group,
  GroupReceiveOptions,
  NumericArray,
  Operation,
  OperationName,
  RootOptions,
} from "./group/group.ts";
export { defineJob } from "./job/define-job.ts";
export type {
  InputSplit,
  Job,
  JobDefinition,
  Output,
  ParamsSchema,
  RuntimeWorker,
  Worker,
} from "./job/job.ts";
export type {
  ConnectionInfo,
  Message,
  PathName,
  PeerStream,
  Peers,
  ReceiveOptions,
  Sendable,
  SendOptions,
} from "./peers/peers.ts";
