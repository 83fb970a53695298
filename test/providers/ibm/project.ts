// What a project of Code Engine has, for tests: the stand-in for the command keeps it, the test looks at it.

export interface Project {
  /** What all applications answer at. */
  readonly url: string;
  readonly applications: Readonly<Record<string, object>>;
  /** Nobody is logged in. */
  readonly isLocked?: boolean;
}

export const emptyProject: Project = { url: "", applications: {} };
