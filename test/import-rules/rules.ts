// Who may import whom, and why. A file must keep every rule whose room it is in.

import type { Import } from "./imports.ts";

export interface Rule {
  /** Begins the path of every file that the rule is for. */
  readonly room: string;
  readonly except?: string;
  /** Nothing but these. A name ending in `/` or `:` stands for all that begins so. */
  readonly only?: readonly string[];
  readonly never?: readonly string[];
  readonly because: string;
}

const core = ["@fnmesh/core", "@fnmesh/core/internal", "@fnmesh/core/protocol"];

/** They go along in a job's bundle, so they are small: a schema for parameters, and a reader of PNG files. */
const npmInExamples = ["valibot", "fast-png"];

/** What platforms are spoken to by, and the folder of each. */
const platformSdks: Readonly<Record<string, string>> = { "@aws-sdk/": "aws", openwhisk: "openwhisk" };

export const rules: readonly Rule[] = [
  {
    room: "packages/core/src/",
    only: ["node:", "packages/core/src/", "@fnmesh/core/library"],
    because:
      "core runs inside functions: each byte of it is loaded at every cold start, and no server is there",
  },
  {
    room: "packages/core/src/",
    except: "packages/core/src/testing/",
    never: ["packages/core/src/testing/"],
    because: "the in-memory network must not get into a function's bundle",
  },
  {
    room: "packages/core/src/protocol/",
    only: [
      "node:",
      "packages/core/src/protocol/",
      "packages/core/src/env/env.ts",
      "packages/core/src/errors/",
    ],
    because: "the wire is pure data for all who speak it: workers, the orchestrator, tools",
  },
  {
    room: "packages/core/src/testing/",
    only: [
      "node:",
      "packages/core/src/testing/",
      "packages/core/src/env/env.ts",
      "packages/core/src/nat/",
      "packages/core/src/errors/",
    ],
    because: "the in-memory network implements the seams, and knows nothing of what is tested on it",
  },
  {
    room: "packages/core/src/env/",
    only: ["node:", "packages/core/src/env/"],
    because: "the seam to the outside world is below everything else",
  },
  {
    room: "packages/orchestrator/src/",
    never: ["@fnmesh/providers/", "@fnmesh/stores", "@fnmesh/netlab", "fnmesh", "@fnmesh/core/testing"],
    because: "the orchestrator takes providers as parameters: a platform more changes nothing here",
  },
  {
    room: "packages/providers/src/",
    only: [...core, "node:", "packages/providers/src/", ...Object.keys(platformSdks)],
    because: "a provider starts functions and knows nothing of jobs, or of the server that runs them",
  },
  ...Object.entries(platformSdks).map(([sdk, folder]) => ({
    room: "packages/providers/src/",
    except: `packages/providers/src/${folder}/`,
    never: [sdk],
    because: "a platform's SDK is there only for who uses that platform",
  })),
  {
    room: "packages/stores/src/",
    only: [...core, "node:", "aws4fetch", "packages/stores/src/"],
    because: "a store's driver goes to the workers with the job's code, and knows nothing of jobs or servers",
  },
  {
    room: "packages/netlab/src/",
    only: [...core, "node:", "packages/netlab/src/"],
    because: "the lab makes networks, for whoever wants one",
  },
  {
    room: "packages/",
    except: "packages/cli/",
    never: ["fnmesh", "packages/cli/"],
    because: "the command is the top: nothing may need it",
  },
  {
    room: "packages/cli/src/",
    except: "packages/cli/src/testing-kit/",
    never: ["@fnmesh/core/testing", "packages/cli/src/testing-kit/"],
    because:
      "the in-memory network is for users' tests, by the door fnmesh/testing: no command has a use for it",
  },
  {
    room: "packages/cli/src/testing-kit/",
    only: [...core, "@fnmesh/core/testing", "@fnmesh/orchestrator", "packages/cli/src/testing-kit/"],
    because: "a test of a job loads what runs jobs, and nothing of the command",
  },
  {
    room: "examples/",
    // Their tests have `fnmesh/testing`, too: tests are outside of these rules.
    only: ["fnmesh", "node:", "examples/", ...npmInExamples],
    because:
      "an example shows what a user can write: with fnmesh, and packages from npm that its job is in need of",
  },
];

const matches = (target: string, names: readonly string[]): boolean =>
  names.some((name) => (/[/:]$/.test(name) ? target.startsWith(name) : target === name));

const concerns = (rule: Rule, file: string): boolean =>
  file.startsWith(rule.room) && !(rule.except !== undefined && file.startsWith(rule.except));

/** One line for each import that breaks a rule, with the rule's reason. */
export function violations(imports: readonly Import[], table: readonly Rule[] = rules): string[] {
  return imports.flatMap(({ file, target }) =>
    table
      .filter((rule) => concerns(rule, file))
      .filter(({ only, never }) => {
        const allowed = only === undefined || matches(target, only);
        return !allowed || (never !== undefined && matches(target, never));
      })
      .map(({ because }) => `${file} imports ${target}: ${because}`),
  );
}

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** `@scope/name/sub/path` and `name/sub/path` without their subpath. */
const packageOf = (target: string): string =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

const isPackage = (target: string): boolean => !/^(node:|packages\/|examples\/)/.test(target);

/** One line for each package that is imported in `folder` and not declared by its manifest. */
export function undeclared(imports: readonly Import[], folder: string, manifest: Manifest): string[] {
  const { dependencies, devDependencies, peerDependencies, name } = manifest;
  const declared = { ...dependencies, ...devDependencies, ...peerDependencies, [name]: "" };
  return imports
    .filter(({ file, target }) => file.startsWith(`${folder}/`) && isPackage(target))
    .filter(({ target }) => !Object.hasOwn(declared, packageOf(target)))
    .map(({ file, target }) => `${file} imports ${target}, which ${manifest.name} does not declare`);
}
