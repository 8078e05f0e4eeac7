import { expect, it } from "vitest";
import { damaged } from "../../src/store/lmdb-file.js";

it("[J07] a data file that is damaged is named, with the reason and the ways on", () => {
  const { message, kind } = damaged("/x/data.mdb", "it is cut short");
  expect(kind).toBe("damaged");
  expect(message).toMatch(/\/x\/data\.mdb is damaged: it is cut short\. Put back a copy/);
  expect(message).toContain("beeline store repair");
  expect(message).toContain("--move-damaged-store");
});
