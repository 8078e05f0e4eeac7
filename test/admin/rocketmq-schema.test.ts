import { expect, it } from "vitest";
import { newTally } from "../../packages/rocketmq/src/counts.js";
import { RocketMqState } from "../../src/admin/rocketmq-schema.js";

it("has a figure for everything that the bridge counts", () => {
  const counts = { ...newTally(), isConnected: true, pending: 0, pendingBytes: 0 };
  const bridge = { address: "a:1", protocol: "grpc", group: "g", in: ["demo"], out: [], counts };
  expect(RocketMqState.parse({ bridge })).toEqual({ bridge });
  expect(RocketMqState.parse({})).toEqual({});
});
