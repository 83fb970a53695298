import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseServeOptions } from "./serve-options.ts";

const folder = mkdtempSync(join(tmpdir(), "fnmesh-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const raw = { host: "127.0.0.1", port: "0", observePort: "0", apiPort: "0" };
const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
};

test("the tokens leave the environment, so that no worker inherits it", () => {
  const environment = {
    FNMESH_TOKEN: "0123456789abcdef",
    FNMESH_RELAY_TOKEN: "fedcba9876543210",
    HOME: "/home/ada",
  };
  expect(parseServeOptions(raw, environment)).toEqual({
    host: "127.0.0.1",
    port: 0,
    observePort: 0,
    advertise: undefined,
    proxies: undefined,
    providers: undefined,
    stage: undefined,
    apiHost: "127.0.0.1",
    apiPort: 0,
    tls: undefined,
    insecure: false,
    token: "0123456789abcdef",
    relayToken: "fedcba9876543210",
    config: undefined,
  });
  expect(environment).toEqual({ HOME: "/home/ada" });
});

test("a token file goes before the variable, and its line end does not count", () => {
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "from-the-file\n");
  expect(parseServeOptions({ ...raw, tokenFile }, { FNMESH_TOKEN: "x" }).token).toBe("from-the-file");
  expect(parseServeOptions({ ...raw, relayTokenFile: tokenFile }, {}).relayToken).toBe("from-the-file");
});

test("an absent or empty token file and a port out of bounds are told as such", () => {
  const empty = join(folder, "empty");
  writeFileSync(empty, "\n");
  expect(codeOf(() => parseServeOptions({ ...raw, tokenFile: empty }, {}))).toBe("USAGE");
  expect(codeOf(() => parseServeOptions({ ...raw, tokenFile: join(folder, "absent") }, {}))).toBe("USAGE");
  expect(codeOf(() => parseServeOptions({ ...raw, apiPort: "70000" }, {}))).toBe("LIMIT");
  expect(parseServeOptions(raw, { FNMESH_TOKEN: "" }).token).toBeUndefined();
});

test("a service's credential is the token of who gives no other", () => {
  const credentials = mkdtempSync(join(folder, "credentials-"));
  writeFileSync(join(credentials, "fnmesh-token"), "of-the-service\n");
  const environment = () => ({ CREDENTIALS_DIRECTORY: credentials });
  const { token, relayToken } = parseServeOptions(raw, environment());
  expect([token, relayToken]).toEqual(["of-the-service", undefined]);
  expect(parseServeOptions(raw, { ...environment(), FNMESH_TOKEN: "of-the-variable" }).token).toBe(
    "of-the-variable",
  );
  writeFileSync(join(credentials, "fnmesh-relay-token"), "");
  expect(codeOf(() => parseServeOptions(raw, environment()))).toBe("USAGE");
});

test("the API may listen elsewhere than workers dial, with a certificate and its key", () => {
  const parsed = parseServeOptions(
    { ...raw, host: "0.0.0.0", apiHost: "127.0.0.1", tlsCert: "cert.pem", tlsKey: "key.pem" },
    {},
  );
  expect(parsed).toMatchObject({ host: "0.0.0.0", apiHost: "127.0.0.1" });
  expect(parsed.tls).toEqual({ certFile: "cert.pem", keyFile: "key.pem" });
  expect(parseServeOptions({ ...raw, host: "::1" }, {}).apiHost).toBe("::1");
  expect(codeOf(() => parseServeOptions({ ...raw, tlsCert: "cert.pem" }, {}))).toBe("USAGE");
  expect(codeOf(() => parseServeOptions({ ...raw, tlsKey: "key.pem" }, {}))).toBe("USAGE");
});

test("balancers are given one by one or by commas", () => {
  const proxyProtocol = ["10.0.0.0/16,10.1.0.0/16", "2001:db8::/56"];
  expect(parseServeOptions({ ...raw, proxyProtocol }, {}).proxies).toEqual([
    ...["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"],
  ]);
});

test.each(["203.0.113.5", "2001:db8::5", "fnmesh.example.org", "orchestrator"])(
  "workers can be told %s",
  (advertise) => {
    expect(parseServeOptions({ ...raw, advertise }, {}).advertise).toBe(advertise);
  },
);

test.each(["", "203.0.113.5:7420", "https://fnmesh.example.org", "a b", ".", "a..b"])(
  "workers cannot be told %j",
  (advertise) => {
    expect(codeOf(() => parseServeOptions({ ...raw, advertise }, {}))).toBe("USAGE");
  },
);

test("platforms are named one by one or by commas, and only those that there are", () => {
  const { providers, stage } = parseServeOptions(
    { ...raw, provider: ["aws,google", "azure"], stage: "prod" },
    {},
  );
  expect([providers, stage]).toEqual([["aws", "google", "azure"], "prod"]);
  expect(codeOf(() => parseServeOptions({ ...raw, provider: ["lambda"] }, {}))).toBe("UNKNOWN_PROVIDER");
});
