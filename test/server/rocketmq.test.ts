import { describe, expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { checkRocketMq, type RocketMqConfig, rocketMqOf } from "../../src/server/rocketmq.js";
import { runCommand } from "../support/run-command.js";

/** Nobody listens there. */
const NOWHERE = "127.0.0.1:9";

describe("options of the bridge that contradict each other", () => {
  it.each([
    [{ topics: ["a"] }, "--rocketmq-topics needs --rocketmq, which says where RocketMQ is"],
    [{ address: NOWHERE }, "--rocketmq needs --rocketmq-topics, which says what is bridged"],
    [
      { address: NOWHERE, topics: ["a"], ordered: ["b"] },
      "--rocketmq-ordered names b, which is neither in --rocketmq-topics nor in --rocketmq-out",
    ],
    [
      { address: NOWHERE, topics: ["a"], accessKey: "k" },
      "rocketmq.accessKey and rocketmq.secret need each other",
    ],
    [
      { address: NOWHERE, topics: ["a"], tls: true, protocol: "remoting" },
      "--rocketmq-tls needs the protocol grpc: remoting is spoken without TLS",
    ],
  ] satisfies [RocketMqConfig, string][])("%j", (config, message) => {
    expect(() => checkRocketMq(config, new Map())).toThrow(message);
  });

  it.each([
    undefined,
    {},
    { address: NOWHERE, topics: ["a"], ordered: ["a"] },
    { address: NOWHERE, presence: ["GID_x"], accessKey: "k", secret: "s" },
    { address: NOWHERE, out: ["a"], in: ["b"], ordered: ["a"], tls: true },
  ] satisfies (RocketMqConfig | undefined)[])("and none that do not: %j", (config) => {
    checkRocketMq(config, new Map());
  });
});

describe("flags of the bridge", () => {
  it("take a list with commas, and are refused where they make no sense", async () => {
    const flags = ["start", "--rocketmq", NOWHERE, "--rocketmq-ordered", "z"];
    const { code, err } = await runCommand(...flags, "--rocketmq-topics", "demo,orders");
    expect(code).toBe(2);
    expect(err).toContain("--rocketmq-ordered names z");
    const wrong = await runCommand("start", "--rocketmq", NOWHERE, "--rocketmq-topics", "a,b.c");
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("letters, digits")]);
  });
});

describe("the bridge of a server", () => {
  it("is none where nobody wants one", async () => {
    expect(await rocketMqOf(undefined)).toBeUndefined();
    expect(await rocketMqOf({})).toBeUndefined();
  });

  it("shows where it leads, and why nothing comes", async () => {
    const config = { address: NOWHERE, topics: ["a"], out: ["a", "b"], presence: ["GID_x"] };
    const bridge = await rocketMqOf(config, 1_000);
    const broker = createBroker();
    bridge?.start(broker);
    expect(bridge?.view).toEqual({
      ...{ address: NOWHERE, protocol: "grpc", group: "beeline", in: ["a"], out: ["a", "b"] },
      ...{ failure: "not connected yet", counts: bridge?.counts },
    });
    const from = { clientId: "x", cleanSession: true };
    expect(
      bridge?.forward({ topicName: "c", payload: Buffer.from("x"), qos: 1 }, from),
    ).toBeUndefined();
    await bridge?.stop();
    await broker.close();
    await bridge?.close();
  });
});
