// The image of the generic function, for platforms that start containers: the person builds it, into a registry that
// the platform can read.

import { FnmeshError } from "@fnmesh/core";

/** Throws INVALID_ARGUMENT that says how to make one, from a `folder` of the built package. */
export function imageOf(image: string | undefined, folder = "container"): string {
  if (image !== undefined) return image;
  throw new FnmeshError("INVALID_ARGUMENT", "no image is set for the function", {
    hint: `Build and push it: docker build -t REGISTRY/fnmesh-function node_modules/@fnmesh/providers/dist/${folder}; then set \`image\`.`,
  });
}
