// What is applied for a function on Knative, and what is read of what comes back.

import { describe, expect, it } from "vitest";
import { configMapOf, factsOf, isReady, type KnativeService, serviceOf, wantedFacts } from "./service.ts";
import { knativeSettings } from "./settings.ts";

const given = { stage: "dev", environment: {} };
const settings = knativeSettings({ memoryMb: 1024, minScale: 2, timeoutMs: 60_000 }, given);
const code = "serve()";

describe("the settings of Knative", () => {
  it.each([
    [{ minScale: 5, maxScale: 4 }, /knative\.minScale is above/],
    [{ gateway: "ingress:80" }, /knative\.gateway is no http\(s\) address/],
    [{ replicas: 4 }, /knative\.replicas is no setting/],
  ])("refuse %j", (section, message) => {
    expect(() => knativeSettings(section, given)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
  });
});

describe("a service", () => {
  it("is one worker a pod, whose answer may take as long as the worker, and a little more", () => {
    const { spec } = serviceOf(settings, code).spec.template;
    expect(spec).toMatchObject({
      containerConcurrency: 1,
      timeoutSeconds: 70,
      responseStartTimeoutSeconds: 70,
    });
  });

  it("mounts the code, and is another revision for other code", () => {
    const { spec } = serviceOf(settings, code).spec.template;
    expect(spec).toMatchObject({
      volumes: [{ configMap: { name: configMapOf(settings, code).metadata.name } }],
    });
    const annotations = (text: string) => serviceOf(settings, text).spec.template.metadata.annotations;
    expect(annotations("other()")).not.toEqual(annotations(code));
  });

  it("of an image of one's own has nothing mounted", () => {
    const own = serviceOf({ ...settings, image: "registry.example.com/f" }, undefined).spec.template.spec;
    expect(own).not.toHaveProperty("volumes");
    expect(own).toMatchObject({ containers: [{ image: "registry.example.com/f" }] });
  });

  const applied = (observedGeneration: number, ready = "True"): KnativeService => ({
    ...serviceOf(settings, code),
    metadata: { name: "fnmesh-dev", generation: 2 },
    status: { observedGeneration, conditions: [{ type: "Ready", status: ready }] },
  });

  it("comes back as it was wanted", () => {
    expect(factsOf(applied(2))).toEqual(wantedFacts(settings, code));
  });

  it("is ready only when that is said of what was applied last", () => {
    expect([applied(2), applied(1), applied(2, "False"), applied(2, "Unknown")].map(isReady)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(isReady({ metadata: { name: "fnmesh-dev", generation: 1 } })).toBe(false);
  });
});
