import { describe, expect, it } from "vitest";
import { limitsOf } from "./limits.ts";
import { googleSettings } from "./settings.ts";

const given = { stage: "dev", environment: {} };
const refused = (section: object, stage = "dev") => {
  try {
    return googleSettings({ project: "p-1", ...section }, { ...given, stage });
  } catch (error) {
    return error;
  }
};

describe("the settings of Google", () => {
  it("have presets for everything but the project", () => {
    expect(googleSettings({ project: "p-1" }, given)).toEqual({
      ...{ stage: "dev", project: "p-1", region: "us-central1", name: "fnmesh-dev", runtime: "nodejs22" },
      ...{ memoryMb: 512, timeoutMs: 300_000, minInstances: 0, maxInstances: 100 },
      ...{ serviceAccount: undefined, identity: "auto", impersonate: undefined },
    });
  });

  it("take project and region from the environment as gcloud does, and rather from the section", () => {
    const environment = { CLOUDSDK_CORE_PROJECT: "from-env", CLOUDSDK_FUNCTIONS_REGION: "europe-west1" };
    const from = (section: object | undefined) => googleSettings(section, { stage: "dev", environment });
    expect(from(undefined)).toMatchObject({ project: "from-env", region: "europe-west1" });
    expect(from({ project: "own", region: "us-east1" })).toMatchObject({
      project: "own",
      region: "us-east1",
    });
  });

  it("say that the project is missing", () => {
    expect(() => googleSettings({}, given)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: "google.project is not set" }),
    );
  });

  it.each([
    [{ minInstances: 5, maxInstances: 4 }, "dev", /minInstances/],
    [{ memoryMb: 64 }, "dev", /google\.memoryMb/],
    [{ timeoutMs: 3_600_001 }, "dev", /google\.timeoutMs/],
    [{ identity: "key file" }, "dev", /google\.identity/],
    [{ memory: 512 }, "dev", /google\.memory is no setting/],
    [{}, "My_Stage", /"My_Stage"/],
    [{}, "s".repeat(57), /stage/],
  ])("refuse %j on the stage %s", (section, stage, message) => {
    expect(refused(section, stage)).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(message),
    });
  });

  it("bound what a job may ask for by what is deployed", () => {
    const settings = googleSettings({ project: "p-1", memoryMb: 1024, maxInstances: 8 }, given);
    expect(limitsOf(settings)).toEqual({
      memoryMb: { least: 128, most: 1024, preset: 1024 },
      timeoutMs: { most: 300_000, preset: 300_000 },
      workers: 8,
    });
  });
});
