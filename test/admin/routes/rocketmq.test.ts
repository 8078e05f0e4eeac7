import { afterEach, expect, it } from "vitest";
import { newTally } from "../../../packages/rocketmq/src/counts.js";
import { RocketMqState } from "../../../src/admin/rocketmq-schema.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

const read = async (): Promise<unknown> =>
  RocketMqState.parse(await (await world.ask("/rocketmq")).json());

it("says that there is no bridge to RocketMQ", async () => {
  world = adminWorld();
  expect(await read()).toEqual({});
});

it("shows the bridge to RocketMQ: where it leads, why it does not work, what it has done", async () => {
  const counts = { ...newTally(), sent: 7, isConnected: false, pending: 2, pendingBytes: 9 };
  const bridge = {
    ...{ address: "127.0.0.1:8081", protocol: "grpc", group: "beeline", in: ["demo"], out: [] },
    ...{ failure: "it does not answer", counts },
  };
  world = adminWorld({ changed: { rocketmq: () => bridge } });
  expect(await read()).toEqual({ bridge });
});
