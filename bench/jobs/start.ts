// A job that does nothing: what is measured is over when it begins.

import { defineJob } from "fnmesh";

export default defineJob({ name: "bench start", run: async () => null });
