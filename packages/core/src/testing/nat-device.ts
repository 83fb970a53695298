// A NAT as a device of the virtual network: applies the pure model to what passes, and keeps its table.

import type { Endpoint } from "../env/env.ts";
import type { Link } from "./link.ts";
import {
  emptyNatTable,
  type NatModel,
  type NatTable,
  natClose,
  natInbound,
  natOutbound,
} from "./nat-model.ts";
import type { Realm } from "./realm.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Segment } from "./tcp/segment.ts";

export interface NatParts {
  readonly name: string;
  readonly publicAddress: string;
  readonly model: NatModel;
  readonly outside: Realm;
  readonly inside: Realm;
  readonly link: Link;
  readonly random: SeededRandom;
  readonly now: () => number;
}

export class NatDevice {
  readonly #parts: NatParts;
  #table: NatTable = emptyNatTable;

  constructor(parts: NatParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get publicAddress(): string {
    return this.#parts.publicAddress;
  }

  get model(): NatModel {
    return this.#parts.model;
  }

  get inside(): Realm {
    return this.#parts.inside;
  }

  get outside(): Realm {
    return this.#parts.outside;
  }

  get link(): Link {
    return this.#parts.link;
  }

  /** The NAT restarts, as when a provider moves a function's network: all mappings are gone. */
  forgetMappings(): void {
    this.#table = emptyNatTable;
  }

  /** A segment from inside, as it leaves; undefined when no port is left. */
  outbound(segment: Segment): Segment | undefined {
    const { model, random, now, publicAddress } = this.#parts;
    const result = natOutbound(model, this.#table, segment, now(), (from, to) => random.int(from, to));
    this.#table = result.table;
    if (result.verdict === "exhausted") return undefined;
    this.#noteReset(segment, segment.from, segment.to);
    return { ...segment, from: { host: publicAddress, port: result.externalPort } };
  }

  /** A segment for the public address: as it goes on inside, or what to do instead. */
  inbound(segment: Segment): Segment | "drop" | "reset" {
    const result = natInbound(this.#parts.model, this.#table, segment, this.#parts.now());
    this.#table = result.table;
    if (result.verdict !== "forward") return result.verdict;
    this.#noteReset(segment, result.internal, segment.from);
    return { ...segment, to: result.internal };
  }

  #noteReset(segment: Segment, internal: Endpoint, remote: Endpoint): void {
    if (segment.kind !== "rst") return;
    this.#table = natClose(this.#parts.model, this.#table, internal, remote);
  }
}
