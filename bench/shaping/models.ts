// What the services of a cloud do to who uses them, as data; and the same in slow motion: with time dilated by K all
// rates are K times lower and all latencies K times longer, so that a small machine has time for everything else.

/** One server behind one line. */
export interface LineModel {
  readonly kind: "line";
  /** Each way, for all connections together. */
  readonly bitsPerSecond: number;
  /** There and back. */
  readonly roundTripMs: number;
}

/** A service behind many front ends: each connection has its own rate, all together have their number of requests. */
export interface ObjectStoreModel {
  readonly kind: "object-store";
  /** From the end of a request to the first byte of its answer. */
  readonly firstByteMs: number;
  /** Each way, of each connection. */
  readonly connectionBytesPerSecond: number;
  /** PUT, POST, DELETE. */
  readonly writesPerSecond: number;
  /** GET, HEAD. */
  readonly readsPerSecond: number;
  /** Requests that may come at once after a pause, in seconds of their rate. */
  readonly requestBurstSeconds: number;
}

export type ServiceModel = LineModel | ObjectStoreModel;

/**
 * The cloud that `--setting cloud` emulates. Worker's link: what Moyer & Nikolopoulos (2023) measured between two Lambdas.
 * S3: FMI's measurements from Lambdas (2023) of first byte and connection, and the documented requests a second of a
 * prefix. How many of them may come at once is not documented; AWS says that a sudden rise may be answered with 503
 * even below the limit, so a fifth of a second's worth is generous. Redis, Memcached: a cache node in the same
 * zone with a 5 Gbit/s network. Relay: the same machine, and the same way to it.
 */
export const cloud = {
  workerBitsPerSecond: 680e6,
  s3: {
    kind: "object-store",
    firstByteMs: 40,
    connectionBytesPerSecond: 50e6,
    writesPerSecond: 3_500,
    readsPerSecond: 5_500,
    requestBurstSeconds: 0.2,
  },
  redis: { kind: "line", bitsPerSecond: 5e9, roundTripMs: 0.5 },
  memcached: { kind: "line", bitsPerSecond: 5e9, roundTripMs: 0.5 },
  relay: { kind: "line", bitsPerSecond: 5e9, roundTripMs: 0.5 },
} as const satisfies Record<string, number | ServiceModel>;

/**
 * What is between two functions where messages count, as with collectives: the same link, and the latency of FMI's model
 * of a message (Copik et al., 2023: 0.34 ms); Boxer measured a round trip of less than 1 ms.
 */
export const functionLink = { bitsPerSecond: cloud.workerBitsPerSecond, latencyMs: 0.34 } as const;

/** The model in time dilated by `factor`. */
export function dilated<Model extends ServiceModel>(model: Model, factor: number): Model;
export function dilated(model: ServiceModel, factor: number): ServiceModel {
  if (model.kind === "line") {
    return {
      ...model,
      bitsPerSecond: model.bitsPerSecond / factor,
      roundTripMs: model.roundTripMs * factor,
    };
  }
  return {
    ...model,
    firstByteMs: model.firstByteMs * factor,
    connectionBytesPerSecond: model.connectionBytesPerSecond / factor,
    writesPerSecond: model.writesPerSecond / factor,
    readsPerSecond: model.readsPerSecond / factor,
    // In seconds of a rate that is `factor` times lower: as many requests as before.
    requestBurstSeconds: model.requestBurstSeconds * factor,
  };
}
