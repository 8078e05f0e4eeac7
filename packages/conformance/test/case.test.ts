import { describe, expect, it } from "vitest";
import { fullTitle, isAttack } from "../src/case.js";

const one = { title: "hangs up", run: async () => {} };

describe("a case", () => {
  it("is titled with all it proves", () => {
    expect(fullTitle({ ...one, proves: ["MQTT-3.1.0-2", "M12"] })).toBe(
      "[MQTT-3.1.0-2] [M12] hangs up",
    );
  });

  it("is an attack when it cites the list of bad inputs", () => {
    expect(isAttack({ ...one, proves: ["MQTT-3.1.0-2", "B15"] })).toBe(true);
    expect(isAttack({ ...one, proves: ["I04"] })).toBe(true);
    expect(isAttack({ ...one, proves: ["MQTT-3.1.0-2", "M12", "P3", "S7", "§3.1"] })).toBe(false);
  });
});
