// Whose prices a run on Lambda is billed at: they differ by processor.

import type { AwsSettings } from "./settings.ts";

export const prices = ({ architecture }: Pick<AwsSettings, "architecture">): "aws" | "aws-arm64" =>
  architecture === "arm64" ? "aws-arm64" : "aws";
