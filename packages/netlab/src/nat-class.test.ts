import { describe, expect, it } from "vitest";
import { classify, differences, type Sightings } from "./nat-class.ts";
import { natTraits } from "./profiles.ts";

const at = (port: number) => ({ host: "198.18.0.1", port });

/** What a restricted NAT shows. */
const seen: Sightings = {
  mapped: [at(1), at(1), at(1)],
  fromContacted: "answered",
  fromOtherPort: "silent",
  fromStranger: "silent",
  toUnmapped: "silent",
  hairpin: "answered",
};

describe("the class of a NAT", () => {
  it.each([
    { mapped: [at(1), at(1), at(1)], mapping: "endpoint-independent" },
    { mapped: [at(1), at(1), at(2)], mapping: "address-dependent" },
    { mapped: [at(1), at(2), at(3)], mapping: "address-and-port-dependent" },
    { mapped: [at(1), { host: "198.18.0.2", port: 1 }, at(1)], mapping: "address-and-port-dependent" },
  ] as const)("has the mapping $mapping when seen as $mapped", ({ mapped, mapping }) => {
    expect(classify("restricted", { ...seen, mapped: [...mapped] })).toMatchObject({ mapping });
  });

  it.each([
    { fromStranger: "answered", fromOtherPort: "answered", filtering: "endpoint-independent" },
    { fromStranger: "silent", fromOtherPort: "answered", filtering: "address-dependent" },
    { fromStranger: "silent", fromOtherPort: "silent", filtering: "address-and-port-dependent" },
    { fromStranger: "refused", fromOtherPort: "refused", filtering: "address-and-port-dependent" },
  ])("filters $filtering when a stranger's dial is $fromStranger, another port's $fromOtherPort", (dials) => {
    const { filtering, ...outcomes } = dials;
    expect(classify("restricted", { ...seen, ...outcomes })).toMatchObject({ filtering });
  });

  it("resets when an unsolicited SYN is refused, at a mapped endpoint or, if those are open, at an unmapped one", () => {
    expect(classify("reset", { ...seen, fromStranger: "refused" }).unsolicited).toBe("reset");
    expect(classify("open", { ...seen, fromStranger: "answered" }).unsolicited).toBe("drop");
    const refusing = { ...seen, fromStranger: "answered", toUnmapped: "refused" };
    expect(classify("open", refusing).unsolicited).toBe("reset");
  });

  it("knows of neighbours only if there are some", () => {
    expect(classify("restricted", seen)).not.toHaveProperty("neighbours");
    expect(classify("shared", { ...seen, toNeighbour: "silent" }).neighbours).toBe(false);
  });
});

describe("differences", () => {
  it("are none when the NAT is what its profile promises", () => {
    expect(differences(natTraits.restricted!, classify("restricted", seen))).toEqual([]);
  });

  it("say what is measured and what was promised", () => {
    expect(differences(natTraits.open!, classify("open", seen))).toEqual([
      "filtering is address-and-port-dependent, not endpoint-independent",
    ]);
  });

  it("tell of a NAT that shuts out whom it should let in", () => {
    const measured = classify("restricted", { ...seen, fromContacted: "silent" });
    expect(differences(natTraits.restricted!, measured)).toEqual([
      "letting contacted endpoints in is false, not true",
    ]);
  });
});
