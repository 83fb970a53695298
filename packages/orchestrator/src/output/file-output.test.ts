import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOutput } from "./file-output.ts";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-output-"));
  target = join(folder, "counts.txt");
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => Buffer.from(text);
const content = () => readFile(target, "utf8");

describe("a committed output", () => {
  it("is what the ranks wrote, by rank, in whatever order they wrote", async () => {
    const writes = fc.array(fc.tuple(fc.nat(5), fc.string({ maxLength: 9 })), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(writes, async (writes) => {
        const output = await fileOutput(target);
        await Promise.all(writes.map(([rank, text]) => output.write(rank, bytes(text))));
        await output.commit();
        const byRank = [0, 1, 2, 3, 4, 5].map((rank) => writes.filter(([writer]) => writer === rank));
        expect(await content()).toBe(byRank.flatMap((mine) => mine.map(([, text]) => text)).join(""));
        expect(await readdir(folder)).toEqual(["counts.txt"]);
      }),
      { numRuns: 30 },
    );
  });

  it("may be larger than what is copied at a time", async () => {
    const output = await fileOutput(target);
    const parts = [3, 1, 2, 0].map((rank) => ({ rank, block: Buffer.alloc(700_001, 97 + rank) }));
    for (const { rank, block } of parts) await output.write(rank, block);
    for (const { rank, block } of parts) await output.write(rank, block.subarray(0, 3));
    await output.commit();
    const wanted = [0, 1, 2, 3].map((rank) => String.fromCharCode(97 + rank).repeat(700_004)).join("");
    expect((await content()) === wanted).toBe(true);
  });

  it("may be empty", async () => {
    const output = await fileOutput(target);
    await output.commit();
    expect(await content()).toBe("");
  });

  it("replaces the file that was there, and keeps its permissions", async () => {
    await writeFile(target, "old");
    await chmod(target, 0o640);
    const output = await fileOutput(target);
    await output.write(0, bytes("new"));
    expect(await content()).toBe("old");
    await output.commit();
    expect(await content()).toBe("new");
    expect((await stat(target)).mode & 0o777).toBe(0o640);
  });

  it("stays when it is committed or discarded again, and takes no more writes", async () => {
    const output = await fileOutput(target);
    await output.write(0, bytes("new"));
    await Promise.all([output.commit(), output.commit()]);
    await output.discard();
    await output.discard();
    expect(await content()).toBe("new");
    await expect(output.write(0, bytes("more"))).rejects.toMatchObject({ code: "CLOSED" });
  });

  it.each(["exists", "does not exist yet"])("goes through a link to a file that %s", async (there) => {
    await mkdir(join(folder, "real"));
    if (there === "exists") await writeFile(join(folder, "real/file.txt"), "old");
    await symlink("real/file.txt", join(folder, "middle"));
    await symlink("middle", target);
    const output = await fileOutput(target);
    await output.write(0, bytes("new"));
    await output.commit();
    expect(await readlink(target)).toBe("middle");
    expect(await readFile(join(folder, "real/file.txt"), "utf8")).toBe("new");
    expect(await readdir(join(folder, "real"))).toEqual(["file.txt"]);
  });
});

describe("a discarded output", () => {
  it("leaves nothing, and the old file as it was", async () => {
    await writeFile(target, "old");
    const output = await fileOutput(target);
    const writing = output.write(0, Buffer.alloc(100_000));
    await Promise.all([output.discard(), output.discard()]);
    await writing;
    expect(await readdir(folder)).toEqual(["counts.txt"]);
    expect(await content()).toBe("old");
    await expect(output.write(0, bytes("more"))).rejects.toMatchObject({ code: "CLOSED" });
    await expect(output.commit()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("leaves no file where there was none", async () => {
    await (await fileOutput(target)).discard();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a commit that fails", () => {
  it("leaves the old file and nothing else", async () => {
    const output = await fileOutput(target);
    await output.write(0, bytes("new"));
    // A directory in the target's place makes the rename fail, whoever runs the test.
    await mkdir(join(target, "inside"), { recursive: true });
    await expect(output.commit()).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    await output.discard();
    expect(await readdir(folder)).toEqual(["counts.txt"]);
    expect(await readdir(target)).toEqual(["inside"]);
  });

  it("fails with its directory gone", async () => {
    const output = await fileOutput(join(folder, "counts.txt"));
    await rm(folder, { recursive: true });
    await expect(output.commit()).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    await output.discard();
    await mkdir(folder);
  });
});

describe("what is refused", () => {
  it.each([
    ["a missing directory", () => join(folder, "no/such/counts.txt"), "mkdir -p"],
    ["a directory", () => folder, "Name a file in it"],
    ["a device", () => "/dev/null", "name a regular file"],
    ["a path through a file", () => join(target, "counts.txt"), "Check the path"],
    ["a name that is too long", () => join(folder, "x".repeat(300)), "shorter"],
    ["a loop of links", () => join(folder, "loop"), "Name the file itself"],
  ])("%s", async (_what, path, hint) => {
    await writeFile(target, "a file");
    await symlink("loop", join(folder, "loop"));
    await expect(fileOutput(path())).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      hint: expect.stringContaining(hint),
    });
    expect((await readdir(folder)).sort()).toEqual(["counts.txt", "loop"]);
  });

  it.skipIf(process.getuid?.() === 0)("a write-protected file", async () => {
    await writeFile(target, "old");
    await chmod(target, 0o444);
    await expect(fileOutput(target)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  });
});

describe("what a crashed run left behind", () => {
  const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, "_");
  const left = (pid: number, at = host) => `.fnmesh-output.${at}.${pid}.0123456789ab.parts`;

  it("is removed at the next start, but not what a running one needs, or another host's", async () => {
    const child = spawn("true");
    await once(child, "exit");
    const dead = left(child.pid!);
    const kept = [left(process.pid), left(child.pid!, "another-host"), "fnmesh-output.txt"];
    for (const name of [dead, ...kept]) await writeFile(join(folder, name), "");
    await (await fileOutput(target)).discard();
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
  });
});
