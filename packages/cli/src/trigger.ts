// The door `fnmesh/trigger`: for functions of the user's own that start jobs.
export * from "@fnmesh/providers/trigger";
