import { afterEach, describe, expect, it } from "vitest";
import {
  createBroker,
  type Identity,
  type MqttBroker,
  Permissions,
  type Rule,
} from "../../src/index.js";
import { guardedRightsOf, replaceOwnRules } from "../../src/library/rights.js";

let broker: MqttBroker;
afterEach(async () => {
  await broker?.close();
});

const PUBLISH_A: Rule = { allow: "any", do: "publish", topic: "a" };
const ALL: readonly Rule[] = [{ allow: "any", do: ["publish", "subscribe"], topic: "#" }];
const CLIENT: Identity = {
  clientId: "c",
  username: "anna",
  remoteAddress: "127.0.0.1:1",
  cleanSession: true,
};

function rightsWith(options: Parameters<typeof guardedRightsOf>[0], client = CLIENT) {
  const errors: unknown[] = [];
  const rightsOf = guardedRightsOf(options, { error: (error) => errors.push(error) });
  return { errors, rights: rightsOf?.(client) };
}

describe("rights of a Client", () => {
  it("are nobody's where nobody gives rules", () => {
    expect(guardedRightsOf({}, { error: () => undefined })).toBeUndefined();
    expect(rightsWith({ authenticate: () => true }).rights).toBeUndefined();
  });

  it("come from its own rules, and then from those of everybody", () => {
    const permissions = new Permissions({ rules: [PUBLISH_A] });
    const rules: Rule[] = [{ allow: "any", do: "publish", topic: "b" }];
    const { rights } = rightsWith({ permissions }, { ...CLIENT, rules });
    expect(["a", "b", "c"].map((topic) => rights?.mayPublish(topic, false))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("may depend on the listener", () => {
    const permissions = new Permissions({ rules: [PUBLISH_A] });
    const choose = ({ listener }: Identity) => (listener === "mqtt://x" ? permissions : undefined);
    expect(rightsWith({ permissions: choose }).rights).toBeUndefined();
    const { rights } = rightsWith({ permissions: choose }, { ...CLIENT, listener: "mqtt://x" });
    expect(rights?.mayPublish("a", false)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ["a function that throws", () => expect.fail("on purpose"), undefined],
    ["a function that answers something else", () => ({}), undefined],
    ["a function that answers later", async () => undefined, undefined],
    ["rules that are wrong", new Permissions({ rules: ALL }), [{}]],
  ])("[H12] %s means none at all, and is told", (_, permissions, rules) => {
    const { errors, rights } = rightsWith({ permissions } as never, { ...CLIENT, rules });
    expect(errors).toHaveLength(1);
    expect(rights?.mayPublish("a", false)).toBe(false);
    expect(rights?.reachOf("#")).toBe("none");
  });

  it("[M04] permissions that are none are refused", () => {
    expect(() => createBroker({ permissions: ALL } as never)).toThrow("permissions is [{");
  });

  it("are exchanged where there are some", () => {
    const { rights } = rightsWith({ authenticate: () => true }, { ...CLIENT, rules: [PUBLISH_A] });
    replaceOwnRules(rights, ALL);
    expect(rights?.mayPublish("b", false)).toBe(true);
    expect(() => replaceOwnRules(undefined, ALL)).toThrow("this client has no rules");
    expect(() => replaceOwnRules(rights, [{}] as never)).toThrow("rules[0]");
  });
});

describe("a broker with rules", () => {
  it("lets nobody do what they do not allow, until they do", async () => {
    const permissions = new Permissions({ rules: [] });
    broker = createBroker({ permissions });
    const client = await broker.connectInProcess({ clientId: "c" });
    const seen: string[] = [];
    expect(await client.subscribe("a")).toEqual([0x80]);
    permissions.replace({ rules: ALL });
    broker.recheck();
    client.onMessage(({ topicName }) => seen.push(topicName));
    await client.subscribe("a");
    await client.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(seen).toEqual(["a"]);
  });

  it("exchanges what authenticate gave along", async () => {
    broker = createBroker({ authenticate: () => ({ kind: "accepted", rules: ALL }) });
    const client = await broker.connectInProcess({ clientId: "c" });
    const seen: string[] = [];
    client.onMessage(({ topicName }) => seen.push(topicName));
    await client.subscribe("a");
    await client.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(broker.setRules("nobody", [])).toBe(false);
    expect(broker.setRules("c", [PUBLISH_A])).toBe(true);
    await client.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(seen).toEqual(["a"]);
    expect(broker.stats().subscriptions).toBe(0);
    expect(() => broker.setRules("c", "all" as never)).toThrow("rules");
    expect(() => broker.recheck(7 as never)).toThrow("clientId is 7");
  });

  it("[B18] refuses a Client for now whose rules cannot be understood", async () => {
    broker = createBroker({
      authenticate: () => ({ kind: "accepted", rules: [{ allow: "any" }] }),
    });
    const errors: unknown[] = [];
    broker.on("error", (error) => errors.push(error));
    await expect(broker.connectInProcess({ clientId: "c" })).rejects.toMatchObject({
      returnCode: 3,
    });
    expect(String(errors[0])).toContain("rules[0].do: nothing stands here");
  });

  it("asks about whoever the program sends for", async () => {
    const permissions = new Permissions({
      rules: [{ allow: { user: "anna" }, do: "sendTo", parent: "p", to: "c" }],
    });
    broker = createBroker({ permissions });
    await broker.connectInProcess({ clientId: "c" });
    const send = (username: string) =>
      broker.sendToClient("c", { parent: "p", payload: "x", from: { ...CLIENT, username } });
    expect(await send("anna")).toBe("sent");
    expect(await send("berta")).toBe("denied");
    expect(await broker.sendToClient("c", { parent: "p", payload: "x" })).toBe("sent");
  });
});
