// What the services' servers have in common: operations with their fields, and errors by AWS's names.

/** An error as AWS tells it. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type Input = Readonly<Record<string, unknown>>;

export interface Operation {
  /** As IAM names the right. */
  readonly action: string;
  readonly mutates: boolean;
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  /** What the right is asked for. */
  readonly resource: (input: Input) => string;
  /** More rights that this request is in need of. */
  readonly also?: (input: Input) => readonly { readonly action: string; readonly resource: string }[];
  readonly run: (input: Input) => unknown;
}

/** Throws ValidationException for a field that is missing, or that the operation does not have. */
export function checkFields({ required, optional = [] }: Operation, input: Input): void {
  const missing = required.filter((name) => input[name] === undefined);
  const unknown = Object.keys(input).filter((name) => !required.includes(name) && !optional.includes(name));
  if (missing.length === 0 && unknown.length === 0) return;
  throw new AwsFault("ValidationException", 400, `missing: ${missing}; unknown: ${unknown}`);
}

/** Every field of `value` is one of these. */
export function checkMembers(what: string, value: unknown, known: readonly string[]): void {
  const unknown = Object.keys((value ?? {}) as object).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new AwsFault("ValidationException", 400, `${what}: unknown: ${unknown}`);
}

export function check(fits: boolean, message: string): void {
  if (!fits) throw new AwsFault("ValidationException", 400, message);
}

export type Tags = Record<string, string>;

export const wait = (reads: number) => ({ reads });

/** What shows only after it has been looked for a few times. Counts the looks. */
export function passes(counter: { reads: number }): boolean {
  if (counter.reads <= 0) return true;
  counter.reads -= 1;
  return false;
}
