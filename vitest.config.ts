import { defineConfig } from "vitest/config";
import LongestFirst from "./scripts/lib/longest-first.ts";

// Test files are named by tier: x.test.ts is pure or in-memory, x.loopback.test.ts needs sockets on this machine,
// x.lab.test.ts needs the NAT lab, x.e2e.test.ts runs the built command as a user would. The tiers run in this order.
// Tests share nothing but modules without state, so those of a process may share these: importing is half of a fast
// test's time. Tests that wait, for commands, limits and deadlines, leave processors to others.
const tiers = [
  { name: "unit", timeoutMs: 20_000, isolate: false, maxWorkers: 2 },
  { name: "loopback", timeoutMs: 60_000, isolate: false, maxWorkers: 3 },
  // Many processes each: one file at a time keeps two cores honest.
  { name: "lab", timeoutMs: 120_000, isolate: true, maxWorkers: 1 },
  { name: "e2e-commands", timeoutMs: 120_000, isolate: true, maxWorkers: 3 },
  // Whole loads, limits of memory, benchmarks: one at a time again.
  { name: "e2e-loads", timeoutMs: 120_000, isolate: true, maxWorkers: 1 },
];
const places = "{packages/*/src,examples,test,bench}/**";

const filesOf = (tier: string): { readonly include: string[]; readonly exclude: string[] } => {
  if (tier === "unit") {
    const include = [`${places}/*.test.ts`, "scripts/**/*.test.mjs"];
    return { include, exclude: [`${places}/*.{loopback,lab,e2e}.test.ts`] };
  }
  if (tier === "e2e-commands")
    return { include: ["{packages/*/src,examples,test/providers}/**/*.e2e.test.ts"], exclude: [] };
  if (tier === "e2e-loads")
    return { include: ["{test,bench}/**/*.e2e.test.ts"], exclude: ["test/providers/**"] };
  return { include: [`${places}/*.${tier}.test.ts`], exclude: [] };
};

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    sequence: { sequencer: LongestFirst },
    projects: tiers.map(({ name, timeoutMs, isolate, maxWorkers }, order) => {
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
          isolate,
          maxWorkers,
          sequence: { groupOrder: order },
        },
      };
    }),
  },
});
