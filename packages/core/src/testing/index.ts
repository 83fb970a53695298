// For tests of whatever is built on core: an internet in memory, with NATs, loss, delay and virtual time. Everything
// here implements the seams of `Env`; nothing here is part of a function's bundle.

export type { LinkOptions } from "./link.ts";
export type { NatDevice } from "./nat-device.ts";
export {
  emptyNatTable,
  type Flow,
  type Inbound,
  type NatMapping,
  type NatModel,
  type NatTable,
  natClose,
  natInbound,
  natOutbound,
  type Outbound,
} from "./nat-model.ts";
export { type NatModelName, natModels } from "./nat-models.ts";
export { type SeededRandom, seededRandom } from "./seeded-random.ts";
export type { TcpLimits } from "./tcp/connection.ts";
export type { Segment, SegmentKind } from "./tcp/segment.ts";
export { createTestEnv, type TestEnv } from "./test-env.ts";
export { createTestLog, type LogEntry, type TestLog } from "./test-log.ts";
export { type TrackedResources, trackResources } from "./track-resources.ts";
export {
  createVirtualClock,
  type PendingTimer,
  type VirtualClock,
  type VirtualClockOptions,
} from "./virtual-clock.ts";
export type { OpenSocket, VirtualHost } from "./virtual-host.ts";
export {
  createVirtualLab,
  type VirtualLab,
  type VirtualLabOptions,
  type VirtualProfile,
  virtualProfiles,
} from "./virtual-lab.ts";
export {
  createVirtualNetwork,
  type Fault,
  type HostOptions,
  type NatOptions,
  type NetworkOptions,
  type VirtualNetwork,
} from "./virtual-network.ts";
