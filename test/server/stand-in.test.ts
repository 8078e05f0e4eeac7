import { describe, expect, it } from "vitest";
import { standIn } from "../../src/server/stand-in.js";

const FOLDER = "/proc/nobody/can/make/that";
const CLUSTER = { servers: ["nats://127.0.0.1:1"], name: "beeline", credentials: undefined };

/** What it does where there is NATS: `nats/durable-node.slow`. */
describe("[M35] a node that stands in for another one", () => {
  it("says why it cannot: what its credentials are, before it waits for anybody", async () => {
    const config = {
      ...{ broker: {}, listeners: [], store: { path: FOLDER }, by: "b" },
      cluster: {
        ...{ ...CLUSTER, nodeName: "a", onEngineLoss: "close" as const, tls: undefined },
        credentials: "/nobody/has/that/file",
      },
    };
    await expect(standIn(config, {})).rejects.toThrow("/nobody/has/that/file");
  });
});
