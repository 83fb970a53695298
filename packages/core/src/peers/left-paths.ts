// What a pair has sent over the paths that it left: its session counts on, whatever carries. Pure.

import type { PathName } from "../protocol/rungs.ts";

export class LeftPaths {
  readonly #bytes = new Map<PathName, number>();
  #counted = 0;

  /** The pair leaves `path`, having sent so many bytes in all. */
  leave(path: PathName, sentBytes: number): void {
    const more = sentBytes - this.#counted;
    this.#counted = sentBytes;
    if (more > 0) this.#bytes.set(path, (this.#bytes.get(path) ?? 0) + more);
  }

  list(): readonly { readonly path: PathName; readonly sentBytes: number }[] {
    return [...this.#bytes].map(([path, sentBytes]) => ({ path, sentBytes }));
  }
}
