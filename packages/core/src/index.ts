export type { Log, LogFields, LogLevel } from "./env/env.ts";
export { type ErrorCode, type ErrorRecord, FnmeshError } from "./errors/errors.ts";
export {
  defineJob,
  type InputSplit,
  type Job,
  type JobDefinition,
  type Output,
  type Worker,
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
