// A stand-in for kubectl: the verbs that fnmesh calls, with the checks of the API and of Knative's webhook, and with
// what the cluster's controllers do: they take their time, and fill in what nobody has asked for.

import { readFileSync } from "node:fs";
import { type Controller, controllers } from "./kube-controllers.ts";
import { emptyCluster, type KubeObject, type KubePlane } from "./kube-plane.ts";
import { type FlagRules, parseFlags } from "./tool-flags.ts";
import { change, ownFolder, refuse, stateFile } from "./tool-state.ts";

const place: FlagRules = { "--namespace": /^[a-z0-9-]+$/, "--context": /^\S+$/ };
const verbs: Readonly<Record<string, FlagRules>> = {
  get: { "--output": /^json$/, "--ignore-not-found": "none", "--selector": /^[\w./-]+=[\w.-]+$/ },
  apply: { "--filename": /^-$/ },
  delete: { "--ignore-not-found": "none", "--wait": /^true$/, "--timeout": /^\d+s$/ },
};

const args = process.argv.slice(2);
const file = stateFile<KubePlane>(ownFolder(), emptyCluster);
file.note(args);
const [verb = "", ...rest] = args;
const rules = verbs[verb] ?? refuse(`error: unknown command "${verb}" for "kubectl"`);
const { words, flags } = parseFlags(rest, { ...place, ...rules }, (why) => refuse(`error: ${why}`));
const namespace = flags.get("--namespace") ?? "default";
if (flags.get("--context") === "nowhere") {
  refuse("Error in configuration: context was not found for specified context: nowhere");
}

if (verb === "apply") apply();
else if (verb === "delete") remove();
else if (flags.has("--selector")) list();
else get();

function controllerOf(find: (each: Controller) => boolean, what: string): Controller {
  const found = controllers.find(find);
  const own = found?.addOn === true && !file.read().plane.installed.includes(found.kind);
  if (found !== undefined && !own) return found;
  return refuse(`error: the server doesn't have a resource type "${what}"`);
}

function get(): void {
  const [kind = "", name = ""] = words;
  const controller = controllerOf((each) => each.kind === kind, kind);
  const key = `${controller.kind}/${namespace}/${name}`;
  const { plane, ...state } = file.read();
  const found = plane.objects[key];
  if (found === undefined) {
    if (flags.has("--ignore-not-found")) return;
    refuse(`Error from server (NotFound): ${kind} "${name}" not found`);
  }
  // Time passes: the controller comes nearer to what is wanted each time somebody looks.
  const looks = plane.looks[key] ?? 0;
  const next = looks > 0 ? { ...plane, looks: { ...plane.looks, [key]: looks - 1 } } : plane;
  const moved = looks === 1 ? controller.settle(next, key) : next;
  if (moved !== plane) file.write({ ...state, plane: moved });
  process.stdout.write(JSON.stringify(moved.objects[key]));
}

function list(): void {
  if (words[0] !== "pods") refuse(`error: no list of ${words[0]} here`);
  process.stdout.write(JSON.stringify({ kind: "List", items: file.read().plane.pods }));
}

function apply(): void {
  const manifest = JSON.parse(readFileSync(0, "utf8")) as KubeObject;
  const { apiVersion, kind, metadata } = manifest;
  const controller = controllerOf(
    (each) => each.apiVersion === apiVersion && each.apiKind === kind,
    `${kind} in version "${apiVersion}"`,
  );
  if (metadata.namespace !== namespace) {
    refuse(`error: the namespace from the provided object does not match the namespace "${namespace}"`);
  }
  const wrong = controller.check(manifest);
  if (wrong !== undefined) refuse(`Error from server (BadRequest): error when creating "STDIN": ${wrong}`);
  const key = `${controller.kind}/${namespace}/${metadata.name}`;
  change(file, (plane) => {
    const before = plane.objects[key];
    const filled = fillIn(controller, manifest, before);
    const isSame = before !== undefined && filled.metadata.generation === before.metadata.generation;
    const looks = isSame ? plane.looks : { ...plane.looks, [key]: controller.looks };
    return { ...plane, looks, objects: { ...plane.objects, [key]: filled } };
  });
}

/** What was applied wins; what the cluster has added stays. */
function fillIn(controller: Controller, manifest: KubeObject, before: KubeObject | undefined): KubeObject {
  const filled = controller.fill(manifest, before);
  const wanted = ({ spec, data }: KubeObject) => JSON.stringify([spec, data]);
  const generation = before?.metadata.generation ?? 0;
  const isSame = before !== undefined && wanted(before) === wanted(filled);
  return {
    ...filled,
    metadata: {
      ...filled.metadata,
      uid: before?.metadata.uid ?? "5f2d5b8e-0000-4000-8000-000000000000",
      generation: isSame ? generation : generation + 1,
    },
  };
}

function remove(): void {
  const [kind = "", name = ""] = words;
  const controller = controllerOf((each) => each.kind === kind, kind);
  const key = `${controller.kind}/${namespace}/${name}`;
  if (file.read().plane.objects[key] === undefined) {
    if (flags.has("--ignore-not-found")) return;
    refuse(`Error from server (NotFound): ${kind} "${name}" not found`);
  }
  const gone = [key, ...controller.dependents.map((each) => `${each}/${namespace}/${name}`)];
  change(file, (plane) => ({
    ...plane,
    objects: Object.fromEntries(Object.entries(plane.objects).filter(([each]) => !gone.includes(each))),
    looks: Object.fromEntries(Object.entries(plane.looks).filter(([each]) => !gone.includes(each))),
  }));
}
