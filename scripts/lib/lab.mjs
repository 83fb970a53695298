// Can this machine run the NAT lab? Answered by doing once, in throw-away namespaces, what the lab does: a link, a
// masquerading rule, a private /run. The kernel removes all of it when the shell ends.

import { missingPackages } from "./debian.mjs";
import { runQuietly, which } from "./run.mjs";

const rehearsal = [
  "mount -t tmpfs tmpfs /run",
  "ip link add name one0 type veth peer name two0",
  "nft add table ip t",
  "nft add chain ip t c '{ type nat hook postrouting priority 100 ; }'",
  "nft add rule ip t c masquerade",
].join(" && ");

/** `{ able: true }`, or `{ able: false, reason }` in words for a person. */
export async function labAbility() {
  if (process.platform !== "linux") return { able: false, reason: "the NAT lab needs Linux" };
  const missing = missingPackages();
  if (missing.length > 0) return { able: false, reason: `not installed: ${missing.join(", ")}` };
  const isRoot = process.getuid() === 0;
  const namespaces = isRoot ? ["-n", "-m"] : ["-U", "-r", "-n", "-m"];
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { code, output } = await runQuietly(which("unshare"), [...namespaces, "sh", "-c", rehearsal], {
    env,
  });
  if (code === 0) return { able: true };
  const said = output.trim().split("\n")[0] || `exit code ${code}`;
  return { able: false, reason: isRoot ? said : `${said} (not root, and no unprivileged user namespaces?)` };
}
