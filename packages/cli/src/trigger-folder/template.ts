// The CloudFormation template of a trigger: the one of packages/cli/deploy, with the blocks of its own source alone. Pure.

export const triggerSources = ["s3", "sqs", "http"] as const;
export type TriggerSource = (typeof triggerSources)[number];

/** `# from sqs` begins a block, `# end` ends it; these lines themselves go, too. */
const begin = /^ *# from (\w+)$/;
const end = /^ *# end$/;

export function templateFor(source: TriggerSource, text: string): string {
  let block: string | undefined;
  const lines = text.split("\n").filter((line) => {
    const from = begin.exec(line)?.[1];
    if (from !== undefined || end.test(line)) {
      block = from;
      return false;
    }
    return block === undefined || block === source;
  });
  return lines.join("\n");
}
