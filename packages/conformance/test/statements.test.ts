import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { NOT_ON_THIS_WIRE, STATEMENTS } from "../src/statements.js";

const csv = readFileSync(
  fileURLToPath(new URL("../../../spec-notes/statements.csv", import.meta.url)),
  "utf8",
);

describe("the statements of the suite", () => {
  it("are the 141 of the standard, of which 127 bind a Server", () => {
    expect(STATEMENTS).toHaveLength(141);
    expect(new Set(STATEMENTS.map(({ id }) => id)).size).toBe(141);
    expect(STATEMENTS.filter(({ bindsServer }) => bindsServer)).toHaveLength(127);
    expect(STATEMENTS.every(({ text }) => text.length > 10)).toBe(true);
  });

  it("say the same as the list in spec-notes", () => {
    for (const { id, bindsServer, text } of STATEMENTS) {
      const line = csv.split("\n").find((it) => it.startsWith(`${id},`)) ?? "";
      expect(line.replaceAll('""', '"'), id).toContain(text);
      expect(/^[^,]+,[^,]+,(\w+),/.exec(line)?.[1] !== "client", id).toBe(bindsServer);
    }
  });

  it("name a reason only for statements that bind a Server", () => {
    const server = STATEMENTS.filter(({ bindsServer }) => bindsServer).map(({ id }) => id);
    for (const id of NOT_ON_THIS_WIRE.keys()) expect(server).toContain(id);
  });
});
