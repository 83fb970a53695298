import { FnmeshError } from "@fnmesh/core";
import type { StoreDriver } from "@fnmesh/core/internal";

export const driver: StoreDriver = {
  connect: () => Promise.reject(new FnmeshError("STORE_UNAVAILABLE", "not there yet")),
};
