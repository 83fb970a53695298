// What is applied for a function on Kubeless, and when it is there.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Deployment, factsOf, functionOf, isRolledOut, wantedFacts } from "./function.ts";
import { kubelessSettings } from "./settings.ts";

const given = { stage: "dev", environment: {} };
const settings = kubelessSettings({ replicas: 3, memoryMb: 2048 }, given);
const code = "serve()";

describe("a function", () => {
  it("is found at its service's inner address, unless another one is given", () => {
    expect(settings.url).toBe("http://fnmesh-dev.default.svc.cluster.local:8080");
    expect(kubelessSettings({ url: "http://127.0.0.1:8001/proxy/" }, given).url).toBe(
      "http://127.0.0.1:8001/proxy",
    );
  });

  it("has the checksum by which Kubeless knows its code", () => {
    const checksum = createHash("sha256").update(code).digest("hex");
    expect(functionOf(settings, code).spec).toMatchObject({ function: code, checksum: `sha256:${checksum}` });
  });

  it("runs by itself in Node's image, because Kubeless' own runtimes are too old", () => {
    const { spec } = functionOf(settings, code).spec.deployment.spec.template;
    expect(spec).toMatchObject({
      containers: [{ image: "docker.io/library/node:22-slim", command: ["node", "/kubeless/fnmesh.js"] }],
      volumes: [{ configMap: { name: "fnmesh-dev" } }],
    });
  });

  it("is left to a runtime that the operator has added", () => {
    const own = functionOf({ ...settings, runtime: "nodejs22" }, code).spec;
    expect(own.runtime).toBe("nodejs22");
    expect(own.deployment.spec.template.spec.containers[0]).not.toHaveProperty("image");
  });

  it("comes back as it was wanted", () => {
    expect(factsOf(functionOf(settings, code), true)).toEqual(wantedFacts(settings, code));
  });
});

describe("the pods of a function", () => {
  const found = functionOf(settings, code);
  const made = (text: string, observedGeneration: number, available = 3): Deployment => ({
    metadata: { name: "fnmesh-dev", generation: 2 },
    spec: functionOf(settings, text).spec.deployment.spec,
    status: { observedGeneration, replicas: 3, updatedReplicas: 3, availableReplicas: available },
  });

  it.each([
    ["are there", made(code, 2), true],
    ["are not made yet", undefined, false],
    ["are those of other code", made("older()", 2), false],
    ["are those of an earlier change", made(code, 1), false],
    ["are not all there", made(code, 2, 2), false],
  ])("%s", (_, deployment, expected) => {
    expect(isRolledOut(found, deployment)).toBe(expected);
  });

  it("that go away one by one are still those of an earlier change", () => {
    const surplus = made(code, 2);
    expect(isRolledOut(found, { ...surplus, status: { ...surplus.status, replicas: 4 } })).toBe(false);
  });
});
