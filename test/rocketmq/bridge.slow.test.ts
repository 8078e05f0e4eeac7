import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RocketMqConfig } from "../../src/server/rocketmq.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";
import { canRun, run } from "../e2e/stock-server.js";
import { freePort } from "../support/free-ports.js";
import { JavaSender, runSample, type Sdk } from "./java-sender.js";
import { RealRocketMq, rocketMqLacks } from "./real-rocketmq.js";

/** A RocketMQ needs Java; its jars are fetched once, with Maven. */
const isMissing = rocketMqLacks() !== undefined || !canRun("mosquitto_sub", "--help");
const START_MS = 400_000;
const PROTOCOLS = ["grpc", "remoting"] as const;
type Protocol = (typeof PROTOCOLS)[number];
/** Each test has topics of its own: a new group gets the whole history of a topic. */
const TOPICS = PROTOCOLS.flatMap((protocol) => [
  ...["sdk", "poison", "kept", "both", "lone", "one-way"].map((name) => `${name}-${protocol}`),
  ...[`fifo-${protocol}:FIFO`, `ordered-${protocol}:ORDERED`, `GID_${protocol}_MQTT`],
]);

const folder = mkdtempSync(join(tmpdir(), "beeline-bridge-"));
let rocketMq: RealRocketMq;
let java: JavaSender;
/** Where the Java programs publish with MQTT. */
let nearest = 0;
const closers: (() => Promise<unknown>)[] = [];

interface Joined {
  readonly server: RunningServer;
  readonly port: number;
  /** Figures of the bridge, by the ends of their names. */
  figures(): Promise<Record<string, number>>;
}

/** A server that is joined to RocketMQ, and receives. */
async function joined(
  protocol: Protocol,
  rocketmq: Omit<RocketMqConfig, "address">,
  ownPort = 0,
): Promise<Joined> {
  const lines: string[] = [];
  const server = await startServer(
    {
      listeners: [{ options: { type: "tcp", port: ownPort }, chosenBy: "--port" }],
      broker: {},
      store: { path: join(mkdtempSync(join(folder, "data-")), "store") },
      admin: { host: "127.0.0.1", port: 0, loopLagMsMax: 60_000, mayBeAbsent: false },
      rocketmq: {
        ...rocketmq,
        protocol,
        address: protocol === "grpc" ? rocketMq.grpc : rocketMq.nameServer,
      },
    },
    { info: (line) => lines.push(line), warn: (line) => lines.push(line) },
  );
  closers.push(() => server.close());
  const figures = async () => figuresOf(await (await fetch(`${server.adminUrl}/metrics`)).text());
  await until(
    async () => (await figures())["connected"] === 1,
    () => lines.join("\n"),
  );
  return { server, port: Number(new URL(server.urls[0] ?? "").port), figures };
}

/** The figures of a bridge, as the server shows them. */
function figuresOf(text: string): Record<string, number> {
  const found = text.matchAll(/^mqtt_rocketmq_(\w+?)(?:_total)?(?:\{reason="(.*?)"\})? (\d+)$/gm);
  return Object.fromEntries(
    [...found].map(([, name, reason, value]) => [reason ?? name, Number(value)]),
  );
}

async function until(isSo: () => Promise<boolean>, said: () => string): Promise<void> {
  const endMs = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`waited for too long: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Inbox {
  readonly client: MqttClient;
  /** What has come: `topic text qos`. */
  readonly messages: string[];
  /** The same, once each: RocketMQ delivers at least once, and its senders repeat what is not answered in time. */
  distinct(): string[];
  /** Resolves when so many different ones have come. */
  has(count: number): Promise<void>;
}

async function connect(
  port: number,
  options: mqtt.IClientOptions = {},
  topicFilter?: string,
): Promise<Inbox> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 200, ...options });
  const messages: string[] = [];
  let onMessage = (): void => undefined;
  client.on("message", (topic, payload, { qos }) => {
    const text = payload.length > 1_000 ? `${payload.length} bytes` : payload.toString();
    messages.push(`${topic} ${text} ${qos}`);
    onMessage();
  });
  closers.push(() => client.endAsync(true));
  await new Promise((resolve) => client.once("connect", resolve));
  if (topicFilter !== undefined) await client.subscribeAsync(topicFilter, { qos: 2 });
  const distinct = (): string[] => [...new Set(messages)];
  const has = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`only ${messages.length} have come: ${messages.join(", ")}`)),
        120_000,
      );
      onMessage = () => {
        if (distinct().length < count) return;
        clearTimeout(timer);
        resolve();
      };
      onMessage();
    });
  return { client, messages, distinct, has };
}

// The default time is too short where others start Java at the same time.
describe.skipIf(isMissing)("with a real RocketMQ", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    rocketMq = await RealRocketMq.start(["demo", ...TOPICS], "SYNC_FLUSH");
    nearest = await freePort();
    java = new JavaSender(rocketMq.grpc, rocketMq.nameServer, `127.0.0.1:${nearest}`, folder);
  }, START_MS);
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await java?.end();
    await rocketMq?.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  describe("the two Java snippets of the page that point-to-point comes from", () => {
    it("[S5] [S7] [S8] reach a client that never subscribed to it", {
      timeout: START_MS,
    }, async () => {
      const far = await joined("grpc", { in: ["demo"], group: "far" });
      await joined("grpc", { out: ["demo"], group: "near" }, nearest);
      const device = "GID_xxxx@@@DEVICEID_001";
      const args = ["-p", `${far.port}`, "-i", device, "-t", "nothing", "-v", "-d"];
      const receiver = run("stdbuf", ["-oL", "mosquitto_sub", ...args], START_MS);
      closers.push(async () => receiver.end());
      await receiver.until(/SUBACK/);
      await java.send("ons", "demo", "by RocketMQ", { second: device });
      await java.send("mqtt", "demo", "by MQTT", { second: device });
      expect(await runSample(rocketMq.nameServer, device, folder)).toContain("sent ");
      for (const text of ["by MQTT", "by RocketMQ", "hello from RocketMQ"]) {
        await receiver.until(new RegExp(`^demo/p2p/${device} ${text}$`, "m"));
      }
    });
  });

  describe.each(PROTOCOLS)("over %s", (protocol) => {
    it("[S8] takes messages of every SDK, in both spellings, and what they have packed", async () => {
      const topic = `sdk-${protocol}`;
      const { port, figures } = await joined(protocol, { in: [topic] });
      const receiver = await connect(port, { clientId: "device" }, `${topic}/#`);
      const sdks: readonly Sdk[] = ["grpc", "remoting", "ons"];
      for (const sdk of sdks) {
        const send = (body: string, properties: Record<string, string>) =>
          java.send(sdk, topic, body, properties);
        await send(`${sdk}-a`, { mqttSecondTopic: "/p2p/device", qoslevel: "0" });
        await send(`${sdk}-b`, { mqttSecondTopic: "p2p/device", qosLevel: "2" });
        await send("*20000", { mqttSecondTopic: `/${sdk}` });
        await send(`${sdk}-c`, { qoslevel: "1" });
        await send(`${sdk}-d`, { mqttSecondTopic: "/p2p/device", mqttRealTopic: "shown" });
        await send(" ", { mqttSecondTopic: `/empty/${sdk}`, IS_EMPTY_MSG: "true" });
      }
      await receiver.has(18);
      const expected = sdks.flatMap((sdk) => [
        `${topic}/p2p/device ${sdk}-a 0`,
        `${topic}/p2p/device ${sdk}-b 2`,
        `${topic}/${sdk} 20000 bytes 1`,
        `${topic} ${sdk}-c 1`,
        `${topic}/shown ${sdk}-d 1`,
        `${topic}/empty/${sdk}  1`,
      ]);
      expect(receiver.distinct().sort()).toEqual(expected.sort());
      await until(async () => ((await figures())["acknowledged"] ?? 0) >= 18, String);
    });

    it("drops what can never be delivered, and nothing beside it", async () => {
      const topic = `poison-${protocol}`;
      const { port, figures } = await joined(protocol, { in: [topic] });
      const receiver = await connect(port, { clientId: "device" }, `${topic}/#`);
      const wrong: Record<string, string>[] = [
        { mqttSecondTopic: "/p2p/device", qoslevel: "3" },
        { mqttSecondTopic: "/a/+" },
        { mqttSecondTopic: "/p2p/" },
        { mqttSecondTopic: "/p2p/device/more" },
        { mqttSecondTopic: "/p2p/device", mqttRealTopic: "#" },
      ];
      for (const properties of wrong) await java.send("remoting", topic, "wrong", properties);
      await java.send("remoting", topic, "right", { mqttSecondTopic: "/p2p/device" });
      await receiver.has(1);
      await until(async () => ((await figures())["poison"] ?? 0) >= wrong.length, String);
      await until(async () => ((await figures())["acknowledged"] ?? 0) > wrong.length, String);
      expect(receiver.distinct()).toEqual([`${topic}/p2p/device right 1`]);
    });

    it("[P7] keeps a message for a client that is offline when its sender asks for that", async () => {
      const topic = `kept-${protocol}`;
      const { port, figures } = await joined(protocol, { in: [topic] });
      const second = { mqttSecondTopic: "/p2p/sleeper" };
      await java.send("ons", topic, "kept", { ...second, cleansessionflag: "false" });
      await java.send("ons", topic, "not kept", second);
      await until(async () => ((await figures())["acknowledged"] ?? 0) >= 2, String);
      const receiver = await connect(port, { clientId: "sleeper" });
      await receiver.has(1);
      expect(receiver.distinct()).toEqual([`${topic}/p2p/sleeper kept 1`]);
    });

    it("[M26] takes a message both ways once: it does not come back to the server that sent it", async () => {
      const [both, lone] = [`both-${protocol}`, `lone-${protocol}`];
      const topics = [both, lone];
      const near = await joined(protocol, { topics, group: `near-${protocol}` });
      const far = await joined(protocol, { topics, group: `far-${protocol}` });
      const here = await connect(near.port, { clientId: "here" }, "#");
      const there = await connect(far.port, { clientId: "there" }, "#");
      await here.client.publishAsync(`${both}/a`, "by here", { qos: 1 });
      await here.client.publishAsync(lone, "", { qos: 2 });
      await there.client.publishAsync(`${both}/p2p/here`, "by there", { qos: 1 });
      await here.has(3);
      await there.has(2);
      await until(async () => ((await near.figures())["own"] ?? 0) >= 2, String);
      await until(async () => ((await far.figures())["own"] ?? 0) >= 1, String);
      const own = here.messages.filter((message) => !message.includes("by there"));
      expect(own.sort()).toEqual([`${both}/a by here 1`, `${lone}  2`]); // not a second time
      expect(here.distinct()).toContain(`${both}/p2p/here by there 1`);
      expect(there.distinct().sort()).toEqual([`${both}/a by here 1`, `${lone}  2`]);
    });

    it("keeps the order of a client's messages on a topic of the kind FIFO", async () => {
      const topic = `fifo-${protocol}`;
      const far = await joined(protocol, { in: [topic], group: `ordered-${protocol}` });
      const near = await joined(protocol, {
        ...{ out: [topic], ordered: [topic], group: "near" },
      });
      const receiver = await connect(far.port, { clientId: "device" });
      const sender = await connect(near.port, { clientId: "sender" });
      const numbers = Array.from({ length: 100 }, (_, n) => `${n}`);
      await Promise.all(
        numbers.map((n) => sender.client.publishAsync(`${topic}/p2p/device`, n, { qos: 1 })),
      );
      await receiver.has(numbers.length);
      expect(receiver.distinct().map((message) => message.split(" ")[1])).toEqual(numbers);
    });

    it("tells RocketMQ who comes and goes, in order", async () => {
      const far = await joined(protocol, { in: [`GID_${protocol}_MQTT`] });
      const watcher = await connect(far.port, {}, `GID_${protocol}_MQTT`);
      const near = await joined(protocol, { presence: [`GID_${protocol}`], group: "near" });
      const clientId = `GID_${protocol}@@@x`;
      await (await connect(near.port, { clientId: "GID_other@@@x" })).client.endAsync();
      await (await connect(near.port, { clientId })).client.endAsync();
      await watcher.has(3);
      const events = watcher.distinct().map((message) => JSON.parse(message.split(" ")[1] ?? ""));
      expect(events.map(({ eventType }) => eventType).sort()).toEqual([
        ...["connect", "disconnect", "tcpclean"],
      ]);
      expect(new Set(events.map((event) => event.clientId))).toEqual(new Set([clientId]));
    });

    it("[M26] acknowledges a client only when RocketMQ has its message, and goes on after an outage", async () => {
      const topic = `one-way-${protocol}`;
      const near = await joined(protocol, { out: [topic] });
      const far = await joined(protocol, { in: [topic], group: `far-${protocol}` });
      const receiver = await connect(far.port, { clientId: "device" });
      const sender = await connect(near.port, { clientId: "sender", clean: false });
      await sender.client.publishAsync(`${topic}/p2p/device`, "before", { qos: 1 });
      await receiver.has(1);
      await rocketMq.kill();
      let isAcknowledged = false;
      const published = sender.client
        .publishAsync(`${topic}/p2p/device`, "meanwhile", { qos: 1 })
        .then(() => {
          isAcknowledged = true;
        });
      await until(async () => ((await near.figures())["send_failures"] ?? 0) >= 3, String);
      expect(isAcknowledged).toBe(false);
      expect((await near.figures())["connected"]).toBe(0);
      await rocketMq.again();
      await published;
      await until(
        async () => receiver.messages.includes(`${topic}/p2p/device meanwhile 1`),
        String,
      );
      expect((await near.figures())["connected"]).toBe(1);
    });
  });
});
