// How much data the tests of datasets take: little in `npm test`, all of it by name (CONTRIBUTING.md).

export const isFull = process.env.FNMESH_FULL === "1";
