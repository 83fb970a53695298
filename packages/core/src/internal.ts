// The second door: what the orchestrator and the providers need and users do not. No promise of stability.

export {
  decodePeerHeader,
  encodePeerHeader,
  mostChunkBytes,
  type PeerHeader,
  peerFrame,
  peerHeaderBytes,
} from "./channel/peer-frame.ts";
export type { PeerFrameSink } from "./channel/peer-frame-reader.ts";
export { decodeRows } from "./dataset/decode-rows.ts";
export { encodeRows } from "./dataset/encode-rows.ts";
export type * from "./env/env.ts";
export { nodeClock, nodeEnv, nodeNet, nodeRandom, silentLog } from "./env/node-env.ts";
export { type ErrorDetails, toFnmeshError } from "./errors/errors.ts";
export { type Choices, measuredChoices } from "./group/choices.ts";
export { createGroup, newRoots } from "./group/create-group.ts";
export type { Hub, HubPeer } from "./hub/hub.ts";
export { inputSplit } from "./job/input-split.ts";
export type { Link, LinkEvents } from "./link/link.ts";
export { type PskClientOptions, type PskServerOptions, pskCipher, pskClient, pskServer } from "./link/psk.ts";
export type * from "./nat/candidate.ts";
export type * from "./nat/nat.ts";
export { type Inner, type InnerPeers, inner, type PeersWithInner } from "./peers/inner.ts";
export type * from "./provider/provider.ts";
export {
  type OpenedInput,
  type OpenInput,
  type OpenInputOptions,
  type SourceCatalog,
  type SourceName,
  type SourcePlace,
  type SourceText,
  sourceOf,
  type ToldSplit,
} from "./source/source.ts";
export {
  type Notices,
  noUsage,
  type StoreConnectOptions,
  type StoreDriver,
  type StoreDrivers,
  type StoreKeeper,
  type StoreUsage,
} from "./store/store.ts";
export { type CodeCache, createCodeCache } from "./worker/code-cache.ts";
export { runWorker, type WorkerHost } from "./worker/run-worker.ts";
