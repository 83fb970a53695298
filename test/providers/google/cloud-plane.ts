// What the stand-in for gcloud keeps of a project.

export interface StoredFunction {
  readonly state: "ACTIVE" | "DEPLOYING" | "DELETING";
  /** So often it is looked at until it is settled. */
  readonly looks: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly url: string;
  readonly buildConfig: Readonly<Record<string, string>>;
  readonly serviceConfig: Readonly<Record<string, string | number | boolean>>;
}

export interface CloudPlane {
  readonly functions: Readonly<Record<string, StoredFunction>>;
  /** Where functions are served. */
  readonly uri: string;
  readonly login: "person" | "service account" | "none";
  /** Stands for Google's signature under a token. */
  readonly signature: string;
  readonly tokenSeconds: number;
}

export const emptyPlane: CloudPlane = {
  functions: {},
  uri: "http://127.0.0.1:1",
  login: "person",
  signature: "canary-signature",
  tokenSeconds: 3600,
};
