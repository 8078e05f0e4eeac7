import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { rightsOf } from "../../src/permissions/permissions.js";
import { checkRules, ServerRules } from "../../src/server/permissions.js";
import { RawClient, subscribePacket } from "../net/raw-client.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-permissions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const rulesFile = join(folder, "rules.yaml");
const config = { permissions: { rulesFile }, broker: {} };
const allow = (topic: string): string =>
  `rules:\n  - { allow: any, do: [publish, subscribe], topic: ${topic} }\n`;

const BOTH = (["a", "b"] as const).map(
  (topicFilter) => ({ topicFilter, requestedQos: 0 }) as const,
);

function brokerWith({ option }: ServerRules): MqttBroker {
  if (option === undefined) throw new Error("there are rules");
  return createBroker({ permissions: option });
}

const clients: RawClient[] = [];
let broker: MqttBroker | undefined;
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await broker?.close();
  broker = undefined;
});

describe("the rules of a server", () => {
  it("are none, or those of one file", () => {
    expect(new ServerRules({ broker: {} }).option).toBeUndefined();
    expect(new ServerRules({ permissions: {}, listeners: [{}], broker: {} }).option).toBe(
      undefined,
    );
    writeFileSync(rulesFile, allow("a"));
    expect(new ServerRules(config).option).toMatchObject({ current: { asMosquitto: false } });
    const aclFile = join(folder, "acl");
    writeFileSync(aclFile, "topic read a\n");
    expect(new ServerRules({ permissions: { aclFile }, broker: {} }).option).toMatchObject({
      current: { asMosquitto: true },
    });
    expect(() => new ServerRules({ permissions: { aclFile, rulesFile }, broker: {} })).toThrow(
      "(--rules-file) and permissions.aclFile (--acl-file) contradict each other",
    );
    const listeners = [{}, { rules: { aclFile, rulesFile } }];
    expect(() => checkRules({ listeners, broker: {} })).toThrow(
      "listeners[1].rulesFile and listeners[1].aclFile contradict each other",
    );
  });

  it("know which topics are point-to-point here", () => {
    writeFileSync(rulesFile, allow("chat/p2p/bob"));
    expect(() => checkRules(config)).toThrow("can never match");
    expect(checkRules({ ...config, broker: { pointToPoint: { enabled: false } } })).toEqual([]);
    expect(checkRules({ ...config, broker: { pointToPoint: { parents: ["x"] } } })).toEqual([]);
  });

  it("[H06] are exchanged by a reload, for who is connected too; a bad file changes nothing", async () => {
    writeFileSync(rulesFile, allow("a"));
    const rules = new ServerRules(config);
    broker = brokerWith(rules);
    const client = await broker.connectInProcess({ clientId: "c" });
    expect(await client.subscribe(BOTH)).toEqual([0, 0x80]);
    writeFileSync(rulesFile, "rules: 7\n");
    const prepare = (running: MqttBroker) => rules.prepare(config, running);
    expect(() => prepare(broker as MqttBroker)).toThrow(`${rulesFile}:1:8: rules: 7 stands where`);
    expect(broker.stats().subscriptions).toBe(1);
    writeFileSync(rulesFile, allow("b"));
    const commit = prepare(broker);
    expect(broker.stats().subscriptions).toBe(1); // nothing has changed yet
    commit();
    expect(broker.stats().subscriptions).toBe(0);
    expect(await client.subscribe(BOTH)).toEqual([0x80, 0]);
  });

  it("need a restart to begin, and to end", () => {
    writeFileSync(rulesFile, allow("a"));
    const host = { recheck: () => undefined };
    expect(() => new ServerRules({ broker: {} }).prepare(config, host)).toThrow(
      "the first rules take a",
    );
    expect(() => new ServerRules(config).prepare({ broker: {} }, host)).toThrow(
      "taking all away takes a restart",
    );
    new ServerRules({ broker: {} }).prepare({ broker: {} }, host)(); // none before, none now
  });
});

describe("the rules of a listener", () => {
  const ownFile = join(folder, "own.yaml");
  const listeners = [{}, { rules: { rulesFile: ownFile } }];

  async function connect(port = 0): Promise<RawClient> {
    const client = await RawClient.accepted(port, { clientId: `c${port}` });
    clients.push(client);
    return client;
  }

  async function grants(client: RawClient): Promise<readonly number[]> {
    const before = client.packets.length;
    client.send(subscribePacket("a"), subscribePacket("b"));
    await client.until(() => client.packets.length === before + 2);
    return client.packets
      .slice(before)
      .flatMap((packet) => (packet.type === PacketType.SUBACK ? packet.returnCodes : []));
  }

  it("stand instead of the server's, and are exchanged by a reload of their own", async () => {
    writeFileSync(rulesFile, allow("a"));
    writeFileSync(ownFile, allow("b"));
    const rules = new ServerRules({ ...config, listeners });
    broker = brokerWith(rules);
    const ports: number[] = [];
    for (const at of listeners.keys()) {
      const { port } = await broker.listen({ type: "tcp", port: 0, name: `door-${at}` });
      rules.listening(at, `door-${at}`);
      ports.push(port);
    }
    const [plain, own] = [await connect(ports[0]), await connect(ports[1])];
    expect(await grants(plain)).toEqual([0, 0x80]);
    expect(await grants(own)).toEqual([0x80, 0]);
    writeFileSync(ownFile, allow("a"));
    rules.prepare({ ...config, listeners }, broker)();
    expect(broker.stats().subscriptions).toBe(1);
    expect(await grants(own)).toEqual([0, 0x80]);
    expect(await grants(plain)).toEqual([0, 0x80]);
    writeFileSync(ownFile, "rules: 7\n");
    expect(() => checkRules({ ...config, listeners })).toThrow(`${ownFile}:1:8: rules: 7`);
  });

  it("leave a listener without any as open as the server is, and who came by none with nothing", () => {
    writeFileSync(ownFile, allow("b"));
    const rules = new ServerRules({ listeners, broker: {} });
    rules.listening(0, "open");
    rules.listening(1, "ruled");
    const { option } = rules;
    if (typeof option !== "function") throw new Error("it depends on the listener");
    const client = { clientId: "c", username: undefined, remoteAddress: "", cleanSession: true };
    expect(option({ ...client, listener: "open" })).toBeUndefined();
    const subject = { clientId: "c", username: undefined, remoteAddress: "" };
    const may = (listener: string | undefined): boolean | undefined =>
      rightsOf(option({ ...client, listener }), subject, undefined)?.mayPublish("b", false);
    expect(may("ruled")).toBe(true);
    expect(may("elsewhere")).toBe(false);
    expect(may(undefined)).toBe(false);
  });
});
