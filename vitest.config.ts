import { defineConfig } from "vitest/config";

// Test files are named by tier: x.test.ts is pure or in-memory, x.loopback.test.ts needs sockets on this machine,
// x.lab.test.ts needs the NAT lab, x.e2e.test.ts runs the built command as a user would.
const tiers = {
  unit: {
    include: [
      "packages/*/src/**/*.test.ts",
      "examples/**/*.test.ts",
      "test/**/*.test.ts",
      "bench/**/*.test.ts",
      "scripts/**/*.test.mjs",
    ],
    timeout: 20_000,
  },
  loopback: {
    include: ["packages/*/src/**/*.loopback.test.ts", "test/**/*.loopback.test.ts"],
    timeout: 60_000,
  },
  lab: { include: ["packages/*/src/**/*.lab.test.ts", "test/**/*.lab.test.ts"], timeout: 120_000 },
  e2e: { include: ["packages/*/src/**/*.e2e.test.ts", "test/**/*.e2e.test.ts"], timeout: 120_000 },
};
const named = ["loopback", "lab", "e2e"];

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    maxWorkers: 2,
    projects: Object.entries(tiers).map(([name, tier]) => ({
      extends: true as const,
      test: {
        name,
        include: tier.include,
        exclude: [
          "**/node_modules/**",
          "**/dist/**",
          ...(name === "unit" ? named.map((t) => `**/*.${t}.test.ts`) : []),
        ],
        testTimeout: tier.timeout,
        hookTimeout: tier.timeout,
        pool: "forks" as const,
        // The lab and end-to-end tiers start many processes each: one file at a time keeps two cores honest.
        fileParallelism: name === "unit" || name === "loopback",
      },
    })),
  },
});
