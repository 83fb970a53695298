// The door to the library: what of fnmesh a job may need and most of its workers' starts do not. Here it is simply there.
// In a bundled job this module is replaced (by `fnmesh run`): the library goes apart from the job's code, and a worker
// that comes to need it asks the orchestrator for it.

import type { Peers } from "../peers/peers.ts";
import * as library from "./library.ts";

export type Library = typeof library;

/** The library, for whoever has these peers. */
export const libraryOf = async (_peers: Peers): Promise<Library> => library;
