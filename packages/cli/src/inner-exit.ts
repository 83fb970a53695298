// How the command inside the sandbox tells the one outside that it has told of its interruption. A shell says 130 both
// for that and for a process that the signal ended before it could tell anyone; so from inside it is 131.

/** Set in the environment of the inner command, and taken out again before it starts anything. */
export const innerVariable = "FNMESH_INNER";

const toldInside = 131;

/** Whether this process is the inner one. The workers that it starts are not. */
export function takeInnerMark(environment: NodeJS.ProcessEnv): boolean {
  const inner = environment[innerVariable] === "1";
  delete environment[innerVariable];
  return inner;
}

/** The code with which a process ends that wants to say `code`. */
export const codeToSay = (code: number, inner: boolean): number =>
  inner && code === 130 ? toldInside : code;

/** What the inner process's code says: its own exit code, or undefined if it ended without telling. */
export function codeSaid(code: number): 0 | 1 | 2 | 3 | 130 | undefined {
  if (code === toldInside) return 130;
  return code === 0 || code === 1 || code === 2 || code === 3 ? code : undefined;
}
