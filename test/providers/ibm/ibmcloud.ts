// IBM's command `ibmcloud` for tests, as far as `ce application` goes: a program that keeps applications as Code Engine
// tells them, with the address that its project has for them.

import { change, ownFolder, refuse, stateFile } from "../support/tool-state.ts";
import { emptyProject } from "./project.ts";

const file = stateFile(ownFolder(), emptyProject);
const args = process.argv.slice(2);
file.note(args);
const flag = (name: string): string => args[args.indexOf(`--${name}`) + 1] ?? "";
const [ce, application, verb] = args;
const { applications, url, isLocked } = file.read().plane;
const name = flag("name");
const combinations: Readonly<Record<string, string>> = { "1G": "0.25", "2G": "0.5", "4G": "1", "8G": "2" };

if (ce !== "ce" || application !== "application") refuse(`'${args.join(" ")}' is not a registered command.`);
if (isLocked) refuse("FAILED\nNot logged in. Use 'ibmcloud login' to log in.");

const described = () => ({
  spec: {
    template: {
      metadata: {
        annotations: {
          "autoscaling.knative.dev/min-scale": flag("min-scale"),
          "autoscaling.knative.dev/max-scale": flag("max-scale"),
        },
      },
      spec: {
        containerConcurrency: Number(flag("concurrency")),
        timeoutSeconds: Number(flag("request-timeout")),
        containers: [
          {
            image: flag("image"),
            env: [{ name: flag("env").split("=")[0], value: flag("env").split("=")[1] }],
            resources: { limits: { cpu: flag("cpu"), memory: flag("memory") } },
          },
        ],
      },
    },
  },
  status: { url },
});

const put = () => {
  if (combinations[flag("memory")] !== flag("cpu")) refuse("FAILED\nUnsupported CPU and memory combination.");
  if (Number(flag("request-timeout")) > 600) refuse("FAILED\nThe request timeout is above 600 seconds.");
  change(file, (now) => ({ ...now, applications: { ...now.applications, [name]: described() } }));
};
const isThere = applications[name] !== undefined;
if (verb !== "create" && !isThere) refuse(`FAILED\nThe application '${name}' was not found.`);
if (verb === "get") process.stdout.write(`${JSON.stringify(applications[name])}\n`);
else if (verb === "create" && isThere) refuse(`FAILED\nAn application '${name}' already exists.`);
else if (verb === "create" || verb === "update") put();
else if (verb === "delete" && args.includes("--force")) {
  change(file, (now) => ({
    ...now,
    applications: Object.fromEntries(Object.entries(now.applications).filter(([each]) => each !== name)),
  }));
} else refuse(`FAILED\n'${verb}' is no command, or asks a question that nobody answers.`);
