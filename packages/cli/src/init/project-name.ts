// The name of a new project: an npm package's, made of its folder's where none is given. Pure.

/** What npm takes for a new package (https://docs.npmjs.com/cli/configuring-npm/package-json#name). */
const valid = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const mostCharacters = 214;
const preset = "fnmesh-job";

/** What is wrong with a name; undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  if (name.length > mostCharacters) return `a package's name has at most ${mostCharacters} characters`;
  if (!valid.test(name)) return "a package's name has small letters, digits and - . _ ~ only";
  return undefined;
}

/** `My Job` becomes `my-job`. */
export function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._~-]+/g, "-")
    .replaceAll(/^[-._]+|[-._]+$/g, "")
    .slice(0, mostCharacters);
  return name === "" ? preset : name;
}
