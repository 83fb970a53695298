// Errors as Node's net module gives them for the kernel's.

import { constants } from "node:os";
import type { Endpoint } from "../../env/env.ts";
import { endpointText } from "../nat-model.ts";

export type SystemErrorCode =
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EHOSTUNREACH"
  | "ENETUNREACH"
  | "EPIPE"
  | "ETIMEDOUT";

export function systemError(code: SystemErrorCode, syscall: string, endpoint?: Endpoint): Error {
  const where = endpoint === undefined ? "" : ` ${endpointText(endpoint)}`;
  return Object.assign(new Error(`${syscall} ${code}${where}`), {
    code,
    syscall,
    errno: -constants.errno[code],
    ...(endpoint === undefined ? {} : { address: endpoint.host, port: endpoint.port }),
  });
}
