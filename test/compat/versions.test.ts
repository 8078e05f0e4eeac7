import { describe, expect, it } from "vitest";
import { MQTT_5_REFUSED, refuseVersion5 } from "../../src/compat/versions.js";

describe("refuseVersion5", () => {
  it("throws a sentence that names both versions and what to use instead", () => {
    expect(() => refuseVersion5({ protocolVersion: 5 })).toThrow(MQTT_5_REFUSED);
    expect(MQTT_5_REFUSED).toMatch(/MQTT 5 .* MQTT 3\.1\.1 and 3\.1 .* mqtt-packet package/);
  });

  it.each([undefined, null, {}, { protocolVersion: 3 }, { protocolVersion: 4 }])(
    "takes %o",
    (options) => {
      expect(() => refuseVersion5(options)).not.toThrow();
    },
  );
});
