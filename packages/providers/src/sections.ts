// What a person may write of each platform into fnmesh.config.ts. Types alone: nothing of a platform is loaded for them.

import type { AwsSection } from "./aws/settings.ts";
import type { AzureSection } from "./azure/settings.ts";
import type { GoogleSection } from "./google/settings.ts";
import type { IbmSection } from "./ibm/settings.ts";
import type { KnativeSection } from "./knative/settings.ts";
import type { KubelessSection } from "./kubeless/settings.ts";
import type { OpenFaasSection } from "./openfaas/settings.ts";
import type { OpenWhiskSection } from "./openwhisk/settings.ts";
import type { OracleSection } from "./oracle/settings.ts";
import type { PlatformName } from "./platform.ts";

interface Sections {
  readonly aws: AwsSection;
  readonly google: GoogleSection;
  readonly azure: AzureSection;
  readonly ibm: IbmSection;
  readonly openwhisk: OpenWhiskSection;
  readonly oracle: OracleSection;
  readonly openfaas: OpenFaasSection;
  readonly knative: KnativeSection;
  readonly kubeless: KubelessSection;
}

/**
 * By platform. All fields are optional: a stage may have what the project has not. Whether what is needed is there, and
 * within its limits, `Platform.settings` says.
 */
export type PlatformSections = { readonly [Name in PlatformName]?: Sections[Name] | undefined };
