import { defineConfig } from "fnmesh";

export default defineConfig({
  // Where jobs run: this machine, or a platform such as "aws" (`fnmesh deploy`). `--provider` goes before it.
  provider: "local",
  // aws: { region: "eu-central-1" },
  // Stores that are set up become ways between workers beside direct connections and relays:
  // stores: { redis: { url: "redis://cache.internal" } },
});
