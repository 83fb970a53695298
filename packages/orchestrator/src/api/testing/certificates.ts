// Certificates for tests, signed by themselves, made by openssl.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TlsFiles } from "../certificate.ts";

export interface CertificateFolder extends AsyncDisposable {
  readonly folder: string;
  /** Makes a pair of files; `days` from now it ends. */
  make(name: string, days?: number): Promise<TlsFiles>;
}

export async function certificateFolder(): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-certificates-"));
  return {
    folder,
    make: async (name, days = 90) => {
      const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
      const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-days", `${days}`];
      await promisify(execFile)("openssl", [
        ...["req", ...kind, ...subject],
        ...["-keyout", keyFile, "-out", certFile],
      ]);
      return { certFile, keyFile };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
