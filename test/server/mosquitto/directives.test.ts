import { describe, expect, it } from "vitest";
import {
  ALIASES,
  BRIDGE_DIRECTIVES,
  DIRECTIVES,
} from "../../../src/server/mosquitto/directives.js";

describe("the directives", () => {
  it("have each name once, other names and those of bridges included", () => {
    const known = [...Object.keys(DIRECTIVES), ...Object.keys(ALIASES), ...BRIDGE_DIRECTIVES];
    expect(new Set(known).size).toBe(known.length);
    expect(Object.values(ALIASES).filter((name) => name !== "auth_plugin")).toEqual(
      expect.arrayContaining(["max_qos", "persistence"]),
    );
  });

  it("a door that is left out says why", () => {
    for (const [name, { isDoor, note }] of Object.entries(DIRECTIVES)) {
      expect(isDoor !== true || note !== undefined, name).toBe(true);
    }
  });
});
