// The API's certificate and key: two files, that whoever renews them (an ACME client, a mounted secret) writes when it
// likes. They are read again and again, so that what is in force is what is on the disk, without a restart.

import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { FnmeshError, type Log } from "@fnmesh/core";

/** Paths of PEM files: the certificate with those between it and its root, and its key, without a passphrase. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Renewals come weeks before the old certificate ends, and by kubelet within a minute: a minute more is nothing. */
export const certificateCheckMs = 60_000;
/** Whose renewal has not come by now fails, and nobody has noticed yet. */
const soonMs = 7 * 24 * 3_600_000;

/** What is read is taken only as a pair. Rejects with USAGE, which names the files and nothing that stands in them. */
export async function readTls({ certFile, keyFile }: TlsFiles): Promise<TlsMaterial> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    throw new FnmeshError("USAGE", `no TLS with ${certFile} and ${keyFile}: ${(cause as Error).message}`, {
      cause,
      hint: "Name two PEM files that fnmesh may read: a certificate with its chain, and its key without a passphrase.",
    });
  }
}

/** When it ends, for logs: `2027-02-21`, and whether that is soon. */
export function validity(
  { cert }: TlsMaterial,
  nowMs: number,
): { readonly until: string; readonly soon: boolean } {
  const end = new Date(new X509Certificate(cert).validTo);
  return { until: end.toISOString().slice(0, 10), soon: end.getTime() - nowMs < soonMs };
}

export interface WatchOptions {
  readonly files: TlsFiles;
  readonly first: TlsMaterial;
  readonly everyMs: number;
  readonly log: Log;
  /** Puts it in force for connections from now on. */
  readonly use: (material: TlsMaterial) => void;
}

/** Looks at the files until it is stopped. What is not a pair (one file is new, the other not yet) is not taken. */
export function watchCertificate({ files, first, everyMs, log, use }: WatchOptions): { stop(): void } {
  const printOf = ({ cert, key }: TlsMaterial): string =>
    createHash("sha256").update(cert).update(key).digest("hex");
  let inForce = printOf(first);
  let told = "";
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    try {
      const material = await readTls(files);
      const print = printOf(material);
      if (stopped || print === inForce) return;
      use(material);
      inForce = print;
      told = "";
      log.info("the API's certificate was renewed", { until: validity(material, Date.now()).until });
    } catch (error) {
      // The old one stays in force: it is better than none, and the next look may find both files new.
      const { message } = error as Error;
      if (message !== told) log.warn("the API's new certificate is not taken", { why: message });
      told = message;
    }
  };
  const next = () => {
    timer = setTimeout(() => {
      void look().finally(() => {
        if (!stopped) next();
      });
    }, everyMs).unref();
  };
  next();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
