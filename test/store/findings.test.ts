import { describe, expect, it } from "vitest";
import { type Findings, isFit, isForeign, linesOf } from "../../src/store/findings.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { examined } from "../support/examined.js";

const NOTHING: Findings = examined(new MemoryBackend());
const LOST = { key: new Uint8Array(13), owner: 7, sequence: 2, payload: 0, why: "it is damaged" };

describe("[D2] what a look at a store has found", () => {
  it("is fit for a server while single messages are lost, and for nothing else", () => {
    expect(isFit(NOTHING)).toBe(true);
    expect(isFit({ ...NOTHING, lost: [LOST] })).toBe(true);
    expect(isFit({ ...NOTHING, damaged: ["a session"] })).toBe(false);
    expect(isFit({ ...NOTHING, structure: ["a page"] })).toBe(false);
    expect(isFit({ ...NOTHING, queues: [{ owner: 1, counted: 2, found: 1 }] })).toBe(false);
  });

  it("is told a line each, with the clients' names where they are known", () => {
    const lines = linesOf({
      ...NOTHING,
      structure: ["page 7 is another one"],
      lost: [LOST],
      queues: [{ owner: 8, counted: 5, found: 3 }],
      clientIds: new Map([[7, "pump\n1"]]),
    });
    expect(lines).toEqual([
      "the file: page 7 is another one",
      'a message to client "pump\\n1" is lost: it is damaged',
      "the queue of owner 8 has 3 messages, 5 were put into it",
    ]);
  });

  it("[J09] is somebody else's when nothing in it is as we write it", () => {
    expect(isForeign(NOTHING)).toBe(false);
    expect(isForeign({ ...NOTHING, damaged: ["a key"] })).toBe(true);
    expect(isForeign({ ...NOTHING, damaged: ["a key"], format: 2 })).toBe(false);
    const counts = { ...NOTHING.counts, sessions: 9 };
    expect(isForeign({ ...NOTHING, damaged: ["a key"], counts })).toBe(false);
  });
});
