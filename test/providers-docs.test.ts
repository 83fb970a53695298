// docs/providers, held to the code: a page for each platform, one table of them all, and what both say of settings, limits
// and networks.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProviderNetwork } from "@fnmesh/core/internal";
import { costOf, noRunUsage, shippedPrices } from "@fnmesh/orchestrator/cost";
import { type PlatformName, platformNames, platforms } from "@fnmesh/providers";
import { describe, expect, test } from "vitest";
import { listOf, readTemplate, walk } from "../packages/cli/src/testing/cfn-template.ts";
import { templateFor, triggerSources } from "../packages/cli/src/trigger-folder/template.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/providers");
const pageOf = (name: string): string => join(folder, `${name}.md`);
const read = (path: string): string => readFileSync(path, "utf8");

/** The cells of the first table below a heading, or of one after it, without its head. */
function tableBelow(text: string, heading: string, index = 0): string[][] {
  const section = text.slice(text.indexOf(`${heading}\n`) + heading.length);
  const table = [...section.matchAll(/(?:^\|.*\n)+/gm)][index]?.[0] ?? "";
  const lines = table.trim().split("\n").slice(2);
  return lines.map((line) => line.slice(1, -1).split("|")).map((cells) => cells.map((cell) => cell.trim()));
}

const costSectionOf = (name: string): string => {
  const text = read(pageOf(name));
  const from = text.search(/^## (?:Network and c|C)ost$/m);
  return text.slice(from, text.indexOf("\n## ", from + 1));
};

const codeNames = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** The word for it in the table. */
function pairsOf({ punching, inbound }: ProviderNetwork): string {
  if (inbound) return "dialled";
  return { works: "punched", fails: "relayed", unknown: "tried" }[punching];
}

describe("the table of all platforms", () => {
  const rows = tableBelow(read(join(folder, "README.md")), "# Platforms");
  const rowOf = (name: PlatformName) => rows.find(([first]) => codeNames(first!)[0] === name) ?? [];

  test("has a row for each, in the order of the code, that leads to its page", () => {
    expect(rows.map(([first]) => first)).toEqual(platformNames.map((name) => `[\`${name}\`](${name}.md)`));
  });

  test("and each has a folder that can be loaded", () => {
    const source = join(root, "packages/providers/src");
    const folders = readdirSync(source).filter((name) => existsSync(join(source, name, "platform.ts")));
    expect(folders.sort()).toEqual([...platformNames].sort());
    expect(Object.keys(platforms).sort()).toEqual([...platformNames].sort());
  });

  test.each(platformNames)("says of %s what its code says", async (name) => {
    const { title, limits, network, needs } = await platforms[name]!();
    const [, is, deployedBy, , pairs, memory, time, tested] = rowOf(name);
    expect({ is, pairs, memory, time }).toEqual({
      is: title,
      pairs: pairsOf(network),
      memory: `${limits.memoryMb.most.toLocaleString("en-US")} MB`,
      time: `${limits.timeoutMs.most / 60_000} min`,
    });
    expect(codeNames(deployedBy!)).toEqual([...needs.packages, ...needs.tools.map(({ command }) => command)]);
    expect(existsSync(join(root, "test/providers", name)) && tested !== "").toBe(true);
  });
});

test("each platform has a page, and each page a platform", () => {
  const pages = readdirSync(folder).filter((name) => !["README.md", "triggers.md"].includes(name));
  expect(pages.sort()).toEqual(platformNames.map((name) => `${name}.md`).sort());
});

describe.each(platformNames)("the page of %s", (name) => {
  const text = read(pageOf(name));

  test("has the platform's title", async () => {
    const { title } = await platforms[name]!();
    expect(/^# (.*)$/m.exec(text)![1]).toBe(title);
  });

  test("lists the settings that there are, and no other", () => {
    const source = read(join(root, "packages/providers/src", name, "settings.ts"));
    // Each is read by a call that names it: `fields.text("region")`.
    const fields = [...source.matchAll(/\b(?!fieldsOf\b|wrong\b)\w+\(\s*"([a-z]\w*)"/g)].map(
      (match) => match[1]!,
    );
    const told = tableBelow(text, "## Settings")
      .flatMap(([names]) => codeNames(names!))
      .map((field) => field.split(".").at(-1)!);
    expect(fields.length).toBeGreaterThan(3);
    expect(told.sort()).toEqual([...new Set(fields)].sort());
  });

  test("says how one tries it, and how it was tested", () => {
    for (const command of ["deploy", "hello", "run job.ts"]) {
      expect(text).toContain(`npx fnmesh ${command} --provider ${name} --stage dev`);
    }
    expect(text).toMatch(/^## How it was tested\n\n\S/m);
  });
});

/** Whose prices the page's example is at; all others are machines of one's own. */
const billed: Readonly<Partial<Record<PlatformName, keyof typeof shippedPrices>>> = {
  ...{ aws: "aws-arm64", google: "google", azure: "azure-flex", ibm: "ibm", oracle: "oracle" },
};

describe("the price of an example job", () => {
  test.each(Object.entries(billed))("on the page of %s is that of the table, as %s", (name, priced) => {
    const text = costSectionOf(name).replaceAll(/\s+/g, " ");
    expect(codeNames(text)).toContain(priced);
    const [, workers, memory] = /(\d+) workers of ([\d,]+) Mi?B for one minute/.exec(text)!;
    const [, time, calls, started] = /= \$([\d.]+), and \$([\d.]+) for (\d+) (?:invocations|calls)/.exec(
      text,
    )!;
    const invocation = { ms: 60_000, memoryMb: Number(memory!.replace(",", "")) };
    const invocations = Array.from({ length: Number(workers) }, () => invocation);
    const { lines } = costOf({ ...noRunUsage, invocations }, priced, shippedPrices[priced]);
    const sum = (...items: readonly string[]) =>
      lines.filter(({ item }) => items.includes(item)).reduce((all, { amount }) => all + amount, 0);
    const asWritten = (amount: number, written: string) => amount.toFixed(written.split(".")[1]!.length);
    expect([started, time, calls]).toEqual([
      ...[workers, asWritten(sum("compute", "compute-cpu"), time!), asWritten(sum("invocations"), calls!)],
    ]);
    // What one second of one worker costs is in the sum, too.
    for (const { item, unitPrice } of lines.filter((line) => line.item !== "invocations")) {
      expect([item, text.includes(`$${unitPrice.toFixed(10).replace(/0+$/, "")}`)]).toEqual([item, true]);
    }
  });

  test.each(platformNames.filter((name) => billed[name] === undefined))(
    "on %s is nobody's, and the page says that the report's is a comparison",
    (name) => {
      expect(costSectionOf(name)).toMatch(/\ba\s+comparison\b/);
    },
  );
});

describe("the page of triggers", () => {
  const text = read(join(folder, "triggers.md"));
  const template = read(join(root, "packages/cli/deploy/trigger/template.yaml"));
  const templates = triggerSources.map((source) => readTemplate(templateFor(source, template)));
  /** Of which templates a name is one; `all` where it is in each. */
  const sourcesOf = (name: string, part: "Parameters" | "Resources") => {
    const found = triggerSources.filter((_, index) => Object.hasOwn(templates[index]![part], name));
    return found.length === triggerSources.length ? "all" : found.join(", ");
  };
  const namesIn = (part: "Parameters" | "Resources") =>
    templates.flatMap((each) => Object.keys(each[part]).map((name) => `${name} ${sourcesOf(name, part)}`));
  const told = (rows: string[][]) =>
    rows.flatMap(([names, from]) => codeNames(names!).map((name) => `${name} ${from}`));

  test("lists what is made, and every parameter, by the source", () => {
    const rows = tableBelow(text, "## What is made");
    // Two sources have a queue of that name.
    const made = namesIn("Resources").map((line) => line.replace("s3, sqs", "s3"));
    const named = told(rows).map((line) => line.replace("Undelivered sqs", "Undelivered s3"));
    expect(new Set(named)).toEqual(new Set(made));
    const parameters = tableBelow(text, "## What is made", 1);
    expect(told(parameters).sort()).toEqual([...new Set(namesIn("Parameters"))].sort());
  });

  test("says the presets of the parameters as they are", () => {
    const defaults = Object.fromEntries(
      templates
        .flatMap(({ Parameters }) => Object.entries(Parameters))
        .map(([name, { Default }]) => [name, Default]),
    );
    for (const [names, , presets] of tableBelow(text, "## What is made", 1)) {
      const each = presets!.split(", ").map((preset) => preset.replaceAll("`", ""));
      codeNames(names!).forEach((name, index) => {
        const preset = each[index] ?? each[0];
        const real = String(defaults[name] ?? "");
        expect([name, preset === "none" ? "" : preset]).toEqual([name, real]);
      });
    }
  });

  test("lists the rights of the role", () => {
    const rights = (index: number) =>
      [...walk(templates[index]!.Resources.Role!)]
        .filter(({ Resource }) => Resource)
        .flatMap(({ Action }) => listOf(Action));
    const rows = tableBelow(text, "## Rights");
    triggerSources.forEach((source, index) => {
      const named = rows
        .filter(([from]) => from === "all" || from === source)
        .flatMap(([, names]) => codeNames(names!));
      expect([source, named.sort()]).toEqual([source, [...new Set(rights(index))].sort()]);
    });
  });

  test("lists the options of the command", () => {
    const source = read(join(root, "packages/cli/src/trigger-program.ts"));
    const flags = [...source.matchAll(/"(?:-\w, )?(--[a-z-]+)(?: <[^>]+>)?",/g)].map(([, flag]) => flag!);
    const named = tableBelow(text, "## In five minutes").flatMap(([names]) => codeNames(names!));
    expect(named.sort()).toEqual([...flags, "--json"].sort());
  });
});

describe("links", () => {
  test.each(readdirSync(folder))("of %s lead somewhere", (page) => {
    const broken = [...read(join(folder, page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^https?:/.test(link))
      .map((link) => link.split("#")[0]!)
      .filter((file) => file !== "" && !existsSync(resolve(dirname(join(folder, page)), file)));
    expect(broken).toEqual([]);
  });
});
