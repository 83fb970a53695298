import { expect, test } from "vitest";
import { isOpen } from "./remote-place.ts";

test.each([
  ["http://127.0.0.1:7421", false],
  ["http://localhost:7421", false],
  ["http://[::1]:7421", false],
  ["https://fnmesh.example", false],
  ["http://fnmesh.example", true],
  ["http://10.0.0.7:7421", true],
  ["http://127.0.0.1.example", true],
])("a token to %s could be read by others: %s", (url, open) => {
  expect(isOpen(url)).toBe(open);
});
