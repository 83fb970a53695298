import { expect, test, vi } from "vitest";
import { Canceller } from "./canceller.ts";

test("whoever listens is told once, and the reason stays", () => {
  const canceller = new Canceller();
  const told = vi.fn();
  canceller.addEventListener("abort", told);
  expect(canceller.aborted).toBe(false);
  canceller.abort("first");
  canceller.abort("second");
  expect(told).toHaveBeenCalledTimes(1);
  expect([canceller.aborted, canceller.reason]).toEqual([true, "first"]);
});

test("who has stopped listening is not told, and may stop twice", () => {
  const canceller = new Canceller();
  const [gone, here] = [vi.fn(), vi.fn()];
  canceller.addEventListener("abort", gone);
  canceller.addEventListener("abort", here);
  canceller.removeEventListener("abort", gone);
  canceller.removeEventListener("abort", gone);
  canceller.abort("over");
  expect(gone).not.toHaveBeenCalled();
  expect(here).toHaveBeenCalledTimes(1);
});

test("a listener may stop another one while it is told", () => {
  const canceller = new Canceller();
  const later = vi.fn();
  canceller.addEventListener("abort", () => canceller.removeEventListener("abort", later));
  canceller.addEventListener("abort", later);
  canceller.abort("over");
  expect(later).toHaveBeenCalledTimes(1); // As told is told: removal is for what has not begun.
});
