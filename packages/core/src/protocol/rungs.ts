// The ways between two workers: as rungs of a ladder, and as what a report tells (paths).

export const rungs = ["direct", "relay", "redis", "memcached", "s3-naive", "s3-combined"] as const;

/** One way, with its layout where it has several. */
export type Rung = (typeof rungs)[number];

export const pathNames = ["direct", "relay", "redis", "memcached", "s3"] as const;

/** How the messages of a pair travel, as reports name it. */
export type PathName = (typeof pathNames)[number];

/** Rungs on which somebody else's server keeps the bytes until they are read. */
export type StoreRung = Exclude<Rung, "direct" | "relay">;

export const pathOf = (rung: Rung): PathName => (rung === "s3-naive" || rung === "s3-combined" ? "s3" : rung);

export const isStoreRung = (rung: Rung): rung is StoreRung => rung !== "direct" && rung !== "relay";
