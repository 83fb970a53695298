import { defineConfig } from "fnmesh";

export default defineConfig({
  // At whose prices a run is shown: `npx fnmesh prices` lists them. Without it, at those of the platform that it runs on.
  priceAs: "aws-arm64",
  // Stores that are set up become ways between workers beside direct connections and relays:
  // stores: { redis: { url: "redis://cache.internal" } },
});
