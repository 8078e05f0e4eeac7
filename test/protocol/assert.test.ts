import { describe, expect, it } from "vitest";
import { assert, InvariantError, unreachable } from "../../src/protocol/assert.js";

describe("assert", () => {
  it("lets pass what holds", () => {
    expect(() => assert(true, "anything")).not.toThrow();
  });

  it("throws an error of its own class that says what was expected", () => {
    expect(() => assert(false, "an identifier")).toThrow(InvariantError);
    expect(() => assert(false, "an identifier")).toThrow("expected: an identifier");
  });

  it("names its class, so that a log line says whose fault it is", () => {
    expect(new InvariantError("x").name).toBe("InvariantError");
  });
});

describe("unreachable", () => {
  it("throws when a value of no branch arrives at run time after all", () => {
    expect(() => unreachable({ type: 99 } as never)).toThrow(InvariantError);
    expect(() => unreachable({ type: 99 } as never)).toThrow('no branch for {"type":99}');
  });
});
