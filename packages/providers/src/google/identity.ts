// The token that opens the function: Google's word for who invokes it. From the metadata server where the orchestrator
// runs on Google Cloud, else from gcloud, which has the person's login. Kept until it expires, and shown to nobody.

import { FnmeshError } from "@fnmesh/core";
import { httpCall } from "../kit/http-call.ts";
import type { PlatformSession } from "../platform.ts";
import type { Gcloud } from "./gcloud.ts";
import type { GoogleSettings } from "./settings.ts";

export interface Identity {
  /** For the function at this address. Rejects with PLATFORM_AUTH. */
  token(audience: string): Promise<string>;
}

export interface IdentityOptions {
  readonly settings: Pick<GoogleSettings, "identity" | "impersonate">;
  readonly environment: PlatformSession["environment"];
  readonly gcloud: Pick<Gcloud, "run">;
  /** Milliseconds since 1970. */
  readonly wallMs?: () => number;
}

/** Off Google Cloud its name leads nowhere, or into a network that does not answer. */
const metadataMs = 1_000;
const gcloudMs = 30_000;
/** A request that starts now has to arrive with a token that is still good. */
const leastLeftMs = 300_000;

export function createIdentity(options: IdentityOptions): Identity {
  const { settings, wallMs = Date.now } = options;
  let kept: { readonly audience: string; readonly token: Promise<string>; until: number } | undefined;

  const fetch = async (audience: string): Promise<string> => {
    if (settings.identity !== "gcloud") {
      const token = await fromMetadata(audience, options);
      if (token !== undefined) return token;
      if (settings.identity === "metadata") throw noMetadata;
    }
    return await fromGcloud(audience, options);
  };
  return {
    token(audience) {
      if (kept?.audience === audience && wallMs() < kept.until) return kept.token;
      const asked = { audience, token: fetch(audience), until: Number.POSITIVE_INFINITY };
      kept = asked;
      asked.token.then(
        (token) => {
          asked.until = expiryMs(token) - leastLeftMs;
        },
        // Whoever asks next tries again.
        () => {
          if (kept === asked) kept = undefined;
        },
      );
      return asked.token;
    },
  };
}

/** Undefined: this is not Google Cloud. */
async function fromMetadata(
  audience: string,
  { environment }: Pick<IdentityOptions, "environment">,
): Promise<string | undefined> {
  const host = environment.GCE_METADATA_HOST ?? "metadata.google.internal";
  const path = "/computeMetadata/v1/instance/service-accounts/default/identity";
  const url = new URL(`http://${host}${path}`);
  url.searchParams.set("audience", audience);
  const signal = AbortSignal.timeout(metadataMs);
  // Whatever goes wrong here, it is not the metadata server that answers.
  const answer = await httpCall({ url, headers: { "metadata-flavor": "Google" }, signal }).catch(
    () => undefined,
  );
  if (answer?.headers["metadata-flavor"] !== "Google") return undefined;
  if (answer.status === 200) return answer.text.trim();
  throw new FnmeshError("PLATFORM_AUTH", `the metadata server answered ${answer.status}`, {
    hint: "Give this machine a service account that has the role roles/run.invoker.",
  });
}

/** A person's login knows no audience, and gcloud refuses one; a service account's token has to have it. */
async function fromGcloud(audience: string, { settings, gcloud }: IdentityOptions): Promise<string> {
  const { impersonate } = settings;
  const signal = AbortSignal.timeout(gcloudMs);
  const print = async (...flags: readonly string[]) =>
    (await gcloud.run(["auth", "print-identity-token", ...flags], signal)).trim();
  const forAudience = `--audiences=${audience}`;
  try {
    if (impersonate !== undefined) {
      return await print(forAudience, `--impersonate-service-account=${impersonate}`);
    }
    return await print(forAudience).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return print();
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new FnmeshError("PLATFORM_AUTH", error.message, {
      cause: error,
      hint: "Log in by `gcloud auth login`, as an account that may invoke the function: docs/providers/google.md.",
    });
  }
}

/** gcloud was there, and did not want to. */
const isRefusal = (error: unknown): error is FnmeshError =>
  error instanceof FnmeshError && error.code === "DEPLOY_FAILED";

/** By the token's own word (RFC 7519, section 4.1.4); one that says nothing is not kept. */
function expiryMs(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      exp?: unknown;
    };
    return typeof claims.exp === "number" ? claims.exp * 1000 : 0;
  } catch {
    return 0;
  }
}

const noMetadata = new FnmeshError("PLATFORM_AUTH", "the metadata server does not answer", {
  hint: "google.identity: metadata is for orchestrators on Google Cloud; elsewhere set it to gcloud.",
});
