// Small jobs for tests of the command, each named after what it does.

export const jobs = {
  "greets.ts": `import { defineJob } from "fnmesh";
    export default defineJob({
      async run({ rank, size, peers, params, input, output, stage }) {
        await stage("greet", async () => {
          await peers.send((rank + 1) % size, "hello");
          await peers.receive<string>();
        });
        for (const split of input) await output.write(await split.read());
        return { size, params };
      },
    });`,
  "counts.ts": `import { datasets, defineJob } from "fnmesh";
    export default defineJob({
      async run(worker) {
        const words = datasets(worker).text().flatMap((line) => line.split(" ")).cache();
        return { words: await words.count(), top: await words.countByValue().top(5, ([, times]) => times) };
      },
    });`,
  "throws.ts": `export default { fnmesh: 1, async run({ rank, signal }: { rank: number; signal: AbortSignal }) {
      if (rank === 1) throw new Error("boom");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } };`,
  // Says that it has begun by a file, waits for ever and keeps its process busy enough not to end.
  "hangs.ts": `import { writeFileSync } from "node:fs";
    export default { fnmesh: 1, async run({ rank, params }: { rank: number; params: Record<string, string> }) {
      if (params.ready !== undefined) writeFileSync(params.ready + rank, String(process.pid));
      await new Promise(() => setInterval(() => {}, 1000));
    } };`,
  "spins.ts": "export default { fnmesh: 1, async run() { for (;;); } };",
  "killed.ts": `export default { fnmesh: 1, async run({ rank, barrier }: { rank: number; barrier(): Promise<void> }) {
      await barrier();
      if (rank === 1) process.kill(process.pid, "SIGKILL");
      await new Promise(() => setInterval(() => {}, 1000));
    } };`,
  "hoards.ts": `export default { fnmesh: 1, async run({ rank }: { rank: number }) {
      const hoard: unknown[] = [];
      for (; rank === 0; ) { hoard.push(new Array(50_000).fill(Math.random())); await null; }
    } };`,
  "hoards-bytes.ts": `export default { fnmesh: 1, async run({ rank }: { rank: number }) {
      const hoard: unknown[] = [];
      for (; rank === 0; ) { hoard.push(Buffer.alloc(4_000_000, 1)); await new Promise((r) => setTimeout(r, 1)); }
    } };`,
  // All talk to all, round after round and each round checked, until a file is there. Says by a file that it has begun.
  "chatters.ts": `import { existsSync, writeFileSync } from "node:fs";
    import { defineJob } from "fnmesh";
    export default defineJob({
      async run({ rank, size, peers, params }) {
        const others = Array.from({ length: size }, (_, r) => r).filter((r) => r !== rank);
        for (let round = 1; ; round++) {
          const last = existsSync(params.until);
          const bytes = new Uint8Array(40_000).fill(round);
          for (const peer of others) await peers.send(peer, rank === 0 ? [bytes, last] : [bytes]);
          let over = last && rank === 0;
          for (const from of others) {
            const { value } = await peers.receive<[Uint8Array, boolean?]>({ from });
            if (value[0].length !== 40_000 || value[0].some((byte) => byte !== (round & 255))) throw new Error("round " + round + " from " + from + " is " + value[0][0]);
            if (from === 0 && value[1]) over = true;
          }
          if (round === 3) writeFileSync(params.begun + rank, "");
          if (over) return { rounds: round };
        }
      },
    });`,
  "syntax.ts": "const fine = 1;\nconst broken = ;\nexport default fine;\n",
  "named.ts": "export const run = async () => 1;",
  "number.ts": "export default 42;",
  "talks.ts": `export default { fnmesh: 1, async run({ rank, log }: { rank: number; log: { info(text: string): void } }) {
      log.info("logged"); console.log("printed"); console.error("complained");
      return Array.from({ length: 5000 }, (_, i) => "line " + i).join("\\n");
    } };`,
} as const;
