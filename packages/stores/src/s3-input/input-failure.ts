// What S3's answers mean for who reads input: an object is the user's own, and only read. Of an answer nothing is shown
// but its status and code.

import { FnmeshError } from "@fnmesh/core";
import { errorCodeOf } from "../s3/answers.ts";
import type { HttpAnswer } from "../s3/http.ts";

interface Meaning {
  readonly status: number;
  /** Of the answer's body; absent: any. */
  readonly codes?: readonly string[];
  readonly error: "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "STORE_AUTH";
  readonly words: string;
  readonly hint: string;
}

const changed = {
  error: "INPUT_UNREADABLE",
  words: "changed while the job ran",
  hint: "Run the job on objects that nobody writes to.",
} as const;

/** The first that fits counts. */
const meanings: readonly Meaning[] = [
  {
    status: 404,
    codes: ["NoSuchBucket"],
    error: "INPUT_NOT_FOUND",
    words: "is in a bucket that does not exist",
    hint: "Check the bucket's name; FNMESH_S3_ENDPOINT and AWS_REGION say which service is asked.",
  },
  {
    status: 404,
    error: "INPUT_UNREADABLE",
    words: "was removed while the job ran",
    hint: "Run the job on objects that nobody removes.",
  },
  { status: 412, ...changed },
  { status: 416, ...changed },
  {
    status: 403,
    codes: ["InvalidObjectState"],
    error: "INPUT_UNREADABLE",
    words: "is archived",
    hint: "Restore it from its storage class first.",
  },
  {
    status: 403,
    codes: ["AccessDenied", "AllAccessDisabled", ""],
    error: "STORE_AUTH",
    words: "may not be read with these keys",
    hint: "AWS_ACCESS_KEY_ID needs s3:ListBucket on the bucket and s3:GetObject on its objects.",
  },
];

/** For `S3Request.explain`; `name`: the object's, or what is listed. */
export const explainInput =
  (name: string, where: string) =>
  (answer: HttpAnswer): FnmeshError | undefined => {
    const code = errorCodeOf(answer);
    const fits = ({ status, codes }: Meaning) => status === answer.status && (codes?.includes(code) ?? true);
    const meaning = meanings.find(fits);
    if (meaning === undefined) return undefined;
    const told = `${where} answered ${answer.status}${code === "" ? "" : ` ${code}`}`;
    return new FnmeshError(meaning.error, `the input ${name} ${meaning.words} (${told})`, {
      hint: meaning.hint,
    });
  };

/** What came is not what was listed. */
export const objectChanged = (name: string): FnmeshError =>
  new FnmeshError(changed.error, `the input ${name} ${changed.words}`, { hint: changed.hint });

/** HTTP takes these for steps on a path: an object of such a name cannot be asked for. */
export const isPathStep = (part: string): boolean => part === "." || part === "..";

export const unspeakable = (name: string): FnmeshError =>
  new FnmeshError("INPUT_UNREADABLE", `the input ${name} has . or .. as a part of its name`, {
    hint: "Copy it to another key: HTTP cannot name this one.",
  });
