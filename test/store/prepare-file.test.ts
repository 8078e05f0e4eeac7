import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { examineStore } from "../../src/store/examine.js";
import { isFit } from "../../src/store/findings.js";
import { fillWorld, WORLD } from "../support/stored-world.js";

let path = "";
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "beeline-prepare-"));
  await fillWorld(path);
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const file = (): string => join(path, "data.mdb");

function harm(text: string): void {
  const bytes = readFileSync(file());
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at] = (bytes[at] as number) ^ 1;
  }
  writeFileSync(file(), bytes);
}

describe("[D2] the look at a large store that was stopped in good order", () => {
  it("leaves out queues and large messages, and finds nothing wrong", () => {
    const findings = examineStore(path, true);
    expect(findings).toMatchObject({ queues: [], damaged: [], structure: [], lost: [], format: 2 });
    expect(findings?.counts).toMatchObject({ sessions: WORLD.sessions, deliveries: 0 });
    expect([...(findings?.references ?? [])]).toEqual([]);
  });

  it("finds what a server cannot do without", () => {
    harm('"c57"');
    const findings = examineStore(path, true);
    expect(findings?.damaged).toHaveLength(1);
    expect(findings !== undefined && isFit(findings)).toBe(false);
  });
});
