// The order of test files: the longest first, so that no tier ends with one of them alone. Vitest knows how long files
// took from the run before; on a fresh clone there is none, and it goes by the size of the files, which says little of
// suites that are shared.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** More than ten seconds each. */
export const longest = [
  "packages/stores/src/s3/radosgw.loopback.test.ts",
  "test/channels/s3.loopback.test.ts",
  "packages/stores/src/s3/swift.loopback.test.ts",
  "test/providers/knative/knative.loopback.test.ts",
  "packages/core/src/testing/decoders-fuzz.loopback.test.ts",
  "test/providers/kubeless/kubeless.loopback.test.ts",
  "test/providers/aws/ends.loopback.test.ts",
  "test/providers/google/google.loopback.test.ts",
  "test/channels/failover.loopback.test.ts",
  "test/providers/aws/lambda.loopback.test.ts",
  "test/providers/oracle/oracle.loopback.test.ts",
  "test/sessions/thousand-pairings.loopback.test.ts",
  "test/providers/openwhisk/openwhisk.loopback.test.ts",
  "test/providers/ibm/ibm.loopback.test.ts",
  "packages/cli/src/stores.e2e.test.ts",
  "packages/cli/src/stores-s3.e2e.test.ts",
  "packages/cli/src/secrets.e2e.test.ts",
  "packages/cli/src/run.e2e.test.ts",
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((path) => moduleId.endsWith(`/${path}`));
      return place < 0 ? longest.length : place;
    };
    const sorted = await super.sort(files);
    const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return sorted.sort((one, other) => groupOf(one) - groupOf(other) || placeOf(one) - placeOf(other));
  }
}
