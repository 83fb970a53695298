// Can this machine run the NAT lab? The lab's own answer, from the built package: ask after the set-up only.

/** `{ able: true }`, or `{ able: false, reason }` in words for a person. */
export async function labAbility() {
  const { labAvailability } = await import("@fnmesh/netlab");
  const availability = await labAvailability();
  if (availability.available) return { able: true };
  return { able: false, reason: availability.missing.map(({ what }) => what.split("\n")[0]).join(", ") };
}
