// `s3://bucket/key`: a key is all that follows the bucket, as it is. Nothing in it is decoded.

import { FnmeshError } from "@fnmesh/core";

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

const form = /^s3:\/\/([^/]+)\/(.*)$/s;

export const objectName = ({ bucket, key }: ObjectPlace): string => `s3://${bucket}/${key}`;

export const isObjectName = (name: string): boolean => form.test(name);

/** Throws INVALID_ARGUMENT for what names no object. */
export function objectPlace(name: string): ObjectPlace {
  const [, bucket, key] = form.exec(name) ?? [];
  if (bucket === undefined || key === undefined || key === "") {
    throw new FnmeshError("INVALID_ARGUMENT", `${name} is no object's name`, {
      hint: "It has the form s3://bucket/key.",
    });
  }
  return { bucket, key };
}
