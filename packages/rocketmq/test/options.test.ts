import { describe, expect, it } from "vitest";
import { type BridgeOptions, checkOptions } from "../src/options.js";

const FINE = { address: "127.0.0.1:8081", outTopics: ["demo"] };

describe("options of a bridge", () => {
  it("may be these", () => {
    checkOptions(FINE);
    checkOptions({ ...FINE, address: "a:1;b:2", orderedTopics: ["demo"], group: "GID_x%a|b-c" });
    checkOptions({ ...FINE, presenceGroups: ["G".repeat(122)] });
  });

  it.each([
    [{ address: "localhost" }, /address is "localhost"; allowed: host:port/],
    [{ address: "a:1;" }, /address/],
    [{ inTopics: ["a.b"] }, /"a.b" cannot be a topic or group/],
    [{ outTopics: ["x".repeat(128)] }, /cannot be a topic/],
    [{ presenceGroups: [""] }, /"" cannot be/],
    [
      { presenceGroups: ["GID_x", "G".repeat(123)] },
      /the group "G{123}" in presenceGroups has 123 characters; allowed: 122, as .*\{group\}_MQTT may have 127/,
    ],
    [{ group: "ü" }, /"ü" cannot be/],
    [{ orderedTopics: ["other"] }, /"other" is in orderedTopics, but not in outTopics/],
    [{ protocol: "kafka" as "grpc" }, /protocol is "kafka"; allowed: grpc or remoting/],
  ] satisfies [Partial<BridgeOptions>, RegExp][])("cannot be %j", (wrong, message) => {
    expect(() => checkOptions({ ...FINE, ...wrong })).toThrow(message);
  });
});
