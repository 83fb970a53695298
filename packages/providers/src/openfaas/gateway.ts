// OpenFaaS's gateway: its API for functions (github.com/openfaas/faas, api-docs/spec.openapi.yml), with basic
// authentication.

import { FnmeshError } from "@fnmesh/core";
import { type HttpAnswer, type HttpCall, httpCall } from "../kit/http-call.ts";
import type { PlatformSession } from "../platform.ts";
import type { OpenFaasSettings } from "./settings.ts";

export interface FunctionStatus {
  readonly name: string;
  readonly image: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly envVars?: Readonly<Record<string, string>>;
  readonly limits?: { readonly memory?: string };
  readonly availableReplicas?: number;
}

export interface Gateway {
  authorization(): Readonly<Record<string, string>>;
  /** Rejects with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE; `fine` are statuses that are none of these. */
  call(
    call: Omit<HttpCall, "url"> & { readonly path: string },
    fine?: readonly number[],
  ): Promise<HttpAnswer>;
}

export function createGateway(
  { gateway, user }: OpenFaasSettings,
  { environment }: Pick<PlatformSession, "environment">,
): Gateway {
  const authorization = (): Record<string, string> => {
    const { OPENFAAS_PASSWORD: password } = environment;
    if (password === undefined || password === "") return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  };
  return {
    authorization,
    async call({ path, ...call }, fine = []) {
      const answer = await httpCall({ ...call, url: gateway + path, headers: authorization() });
      if (answer.status < 300 || fine.includes(answer.status)) return answer;
      if (answer.status === 401 || answer.status === 403) throw refused;
      const said = answer.text.trim().slice(0, 500);
      throw new FnmeshError("DEPLOY_FAILED", `OpenFaaS's gateway answered ${answer.status}: ${said}`);
    },
  };
}

const refused = new FnmeshError("PLATFORM_AUTH", "OpenFaaS's gateway refuses the user or the password", {
  hint: "Set OPENFAAS_PASSWORD, and `openfaas.user` unless it is admin.",
});
