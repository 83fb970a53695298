import { describe, expect, it } from "vitest";
import { namespaceScript } from "./lab.ts";
import { labProfiles } from "./profiles.ts";
import { planLab, planPlaces } from "./topology.ts";

const isUnique = (list: readonly unknown[]) => new Set(list).size === list.length;

describe("a lab's plan", () => {
  it.each(labProfiles)(
    "gives every worker of %s an address, a namespace and a link of its own",
    (profile) => {
      const plan = planLab(profile, 256);
      expect(plan.places.map(({ rank }) => rank)).toEqual(plan.places.map((_, i) => i));
      expect(plan.places.map(({ address }) => address)).toSatisfy(isUnique);
      expect(plan.nats.map(({ publicAddress }) => publicAddress)).toSatisfy(isUnique);
      expect(plan.namespaces.map(({ name }) => name)).toSatisfy(isUnique);
      const macs = plan.links.flatMap((line) =>
        [...line.matchAll(/ address (\S+)/g)].map((match) => match[1]),
      );
      expect(macs).toSatisfy(isUnique);
      expect(macs).toHaveLength(2 * plan.links.filter((line) => line.startsWith("link add")).length);
    },
  );

  it("resolves every next hop by a permanent neighbour whose link exists", () => {
    const plan = planLab("mixed", 16);
    const lines = [...plan.routes, ...plan.namespaces.flatMap(({ ip }) => ip)];
    const hops = lines.filter((line) => line.startsWith("route add"));
    const neighbours = lines.filter((line) => line.startsWith("neigh add"));
    expect(neighbours).toHaveLength(hops.length);
    const macs = new Set(
      plan.links.flatMap((line) => [...line.matchAll(/ address (\S+)/g)].map((m) => m[1])),
    );
    for (const line of neighbours) expect(macs).toContain(/lladdr (\S+)/.exec(line)![1]);
  });

  it("keeps interface names within the kernel's 15 bytes", () => {
    const names = planLab("mixed", 256).links.flatMap((line) =>
      [...line.matchAll(/(?:link add|peer name) (\S+)/g)].map((match) => match[1]!),
    );
    for (const name of names) expect(name.length).toBeLessThanOrEqual(15);
  });

  it.each(labProfiles)("limits both ends of every worker's link in %s, and no other", (profile) => {
    const plan = planLab(profile, 14, 1_000_000);
    const devices = [plan, ...plan.namespaces].flatMap(({ tc = [] }) =>
      tc.map((line) => /^qdisc add dev (\S+) root tbf rate 1000000bit /.exec(line)?.[1]),
    );
    const far = plan.places.map(({ rank, nat }) => (nat === undefined ? `w${rank}` : `lan${rank}`));
    expect(devices.sort()).toEqual([...far, ...plan.places.map(() => "eth0")].sort());
    const unlimited = planLab(profile, 14);
    expect([unlimited, ...unlimited.namespaces].flatMap(({ tc = [] }) => tc)).toEqual([]);
  });

  it("puts no bridge anywhere", () => {
    expect(planLab("shared", 128).links.join("\n")).not.toContain("bridge");
  });
});

describe("places", () => {
  it("are behind a NAT each, or all behind one, or behind none", () => {
    expect(planPlaces("restricted", 3).map(({ nat }) => nat)).toEqual([0, 1, 2]);
    expect(planPlaces("shared", 3).map(({ nat }) => nat)).toEqual([0, 0, 0]);
    expect(planPlaces("none", 3).map(({ nat }) => nat)).toEqual([undefined, undefined, undefined]);
  });

  it("behind the shared NATs of a mixed lab are two groups", () => {
    const natsOf = (wanted: string) =>
      planPlaces("mixed", 21)
        .filter(({ profile }) => profile === wanted)
        .map(({ nat }) => nat);
    expect(new Set(natsOf("shared")).size).toBe(1);
    expect(new Set(natsOf("shared-no-hairpin")).size).toBe(1);
    expect(natsOf("shared")[0]).not.toBe(natsOf("shared-no-hairpin")[0]);
    expect(natsOf("restricted")).toSatisfy(isUnique);
  });

  it.each([2, 8, 100, 128, 256])(
    "of %i workers behind one NAT have disjoint ports, at least 128 each",
    (workers) => {
      const places = planPlaces("shared", workers);
      for (const [i, { ports }] of places.entries()) {
        expect(ports.last - ports.first + 1).toBeGreaterThanOrEqual(128);
        expect(ports.last).toBeLessThanOrEqual(65_535);
        if (i > 0) expect(ports.first).toBeGreaterThan(places[i - 1]!.ports.last);
      }
    },
  );
});

describe("a namespace's script", () => {
  it("sets what the kernel has, then links, their limits, then rules", () => {
    const script = namespaceScript({
      name: "nat-0",
      settings: [{ path: "ipv4/ip_forward", value: "1" }],
      ip: ["link set lo up"],
      tc: ["qdisc show"],
      rules: "table ip nat {\n}\n",
    });
    expect(script).toBe(
      "[ ! -e /proc/sys/net/ipv4/ip_forward ] || echo '1' > /proc/sys/net/ipv4/ip_forward\n" +
        "ip -batch - <<'END'\nlink set lo up\nEND\ntc -batch - <<'END'\nqdisc show\nEND\nnft -f - <<'END'\ntable ip nat {\n}\nEND\n",
    );
  });
});
