import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import { HandedOn } from "../../src/state/handed-on.js";

const session = (clientId: string): ClientSession =>
  new Session(clientId, false, undefined, DEFAULT_LIMITS, 0, undefined);

describe("what was handed on", () => {
  it("[M4] is known by Session and identifier, once it is done", () => {
    const handedOn = new HandedOn();
    const [a, b] = [session("a"), session("b")];
    const handOver = handedOn.of(a, 3);
    expect(handedOn.has(a, 3)).toBe(false);
    handOver.isDone = true;
    expect([handedOn.has(a, 3), handedOn.has(a, 4), handedOn.has(b, 3)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(handedOn.of(a, 3)).toBe(handOver); // the repeats of one message share it
  });

  it("[M4] a late answer for an identifier that was free meanwhile says nothing of the next message", () => {
    const handedOn = new HandedOn();
    const a = session("a");
    const old = handedOn.of(a, 3);
    handedOn.remove(a, 3);
    handedOn.of(a, 3);
    old.isDone = true;
    expect(handedOn.has(a, 3)).toBe(false);
    handedOn.remove(session("unknown"), 1);
  });
});
