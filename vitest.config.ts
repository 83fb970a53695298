import { defineConfig } from "vitest/config";

// Test files are named by tier: x.test.ts is pure or in-memory, x.loopback.test.ts needs sockets on this machine,
// x.lab.test.ts needs the NAT lab, x.e2e.test.ts runs the built command as a user would. The tiers run in this order.
const tiers = [
  { name: "unit", timeoutMs: 20_000, parallel: true },
  { name: "loopback", timeoutMs: 60_000, parallel: true },
  // Many processes each: one file at a time keeps two cores honest.
  { name: "lab", timeoutMs: 120_000, parallel: false },
  // Commands that start, wait and end: for half of its time no core is busy with one file.
  { name: "e2e-commands", timeoutMs: 120_000, parallel: true },
  // Whole loads, limits of memory, benchmarks: one at a time again.
  { name: "e2e-loads", timeoutMs: 120_000, parallel: false },
];
const places = "{packages/*/src,examples,test,bench}/**";

const filesOf = (tier: string): { readonly include: string[]; readonly exclude: string[] } => {
  if (tier === "unit") {
    const include = [`${places}/*.test.ts`, "scripts/**/*.test.mjs"];
    return { include, exclude: [`${places}/*.{loopback,lab,e2e}.test.ts`] };
  }
  if (tier === "e2e-commands")
    return { include: ["{packages/*/src,examples}/**/*.e2e.test.ts"], exclude: [] };
  if (tier === "e2e-loads") return { include: ["{test,bench}/**/*.e2e.test.ts"], exclude: [] };
  return { include: [`${places}/*.${tier}.test.ts`], exclude: [] };
};

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    maxWorkers: 2,
    projects: tiers.map(({ name, timeoutMs, parallel }, order) => {
      const { include, exclude } = filesOf(name);
      return {
        extends: true as const,
        test: {
          name,
          include,
          exclude: ["**/node_modules/**", "**/dist/**", ...exclude],
          testTimeout: timeoutMs,
          hookTimeout: timeoutMs,
          pool: "forks" as const,
          fileParallelism: parallel,
          sequence: { groupOrder: order },
        },
      };
    }),
  },
});
