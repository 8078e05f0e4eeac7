import { describe, expect, it } from "vitest";
import { ConnackReturnCode, SubackReturnCode } from "../../src/protocol/return-codes.js";

describe("return codes", () => {
  it("of CONNACK are the six of §3.2.2.3", () => {
    expect(ConnackReturnCode).toEqual({
      ACCEPTED: 0,
      UNACCEPTABLE_PROTOCOL_VERSION: 1,
      IDENTIFIER_REJECTED: 2,
      SERVER_UNAVAILABLE: 3,
      BAD_USERNAME_OR_PASSWORD: 4,
      NOT_AUTHORIZED: 5,
    });
  });

  it("[MQTT-3.9.3-2] of SUBACK are the three QoS levels and 0x80", () => {
    expect(Object.values(SubackReturnCode)).toEqual([0, 1, 2, 0x80]);
  });
});
