import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RocketMqConfig } from "../../src/server/rocketmq.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";
import { freePort } from "../support/free-ports.js";
import { RealRocketMq, rocketMqLacks } from "./real-rocketmq.js";

const PROTOCOLS = ["grpc", "remoting"] as const;
const TOPICS = PROTOCOLS.flatMap((protocol) => [`late-${protocol}`, `stop-${protocol}`]);
/** For a machine with other work; RocketMQ hides what was not acknowledged for 20 s. */
const PATIENCE_MS = 120_000;
const CLOSING_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), "beeline-stopping-"));
const closers: (() => Promise<unknown>)[] = [];
let rocketMq: RealRocketMq;

/** A server that keeps its state under this name. */
async function server(
  name: string,
  port: number,
  protocol: (typeof PROTOCOLS)[number],
  rocketmq: RocketMqConfig,
): Promise<RunningServer> {
  const address = protocol === "grpc" ? rocketMq.grpc : rocketMq.nameServer;
  const running = await startServer(
    {
      listeners: [{ options: { type: "tcp", port }, chosenBy: "--port" }],
      broker: {},
      store: { path: join(folder, `${name}-${protocol}`) },
      rocketmq: { ...rocketmq, protocol, address, group: `${name}-${protocol}` },
    },
    {},
  );
  closers.push(() => running.close());
  return running;
}

/** A client that comes back by itself, and the payloads that it got. */
async function client(port: number, clientId: string) {
  const options = { clientId, clean: false, reconnectPeriod: 200 };
  const connected = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options);
  closers.push(() => connected.endAsync(true));
  const got = new Set<string>();
  connected.on("message", (_, payload) => got.add(payload.toString()));
  return { connected, got };
}

describe.skipIf(rocketMqLacks() !== undefined)(
  "a server that is joined to RocketMQ",
  {
    timeout: 300_000,
  },
  () => {
    beforeAll(async () => {
      rocketMq = await RealRocketMq.start(TOPICS);
    }, 400_000);
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });
    afterAll(async () => {
      await rocketMq?.remove();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    it.each(PROTOCOLS)(
      "loses nothing when it is stopped between messages, over %s",
      async (protocol) => {
        const topic = `stop-${protocol}`;
        const [nearPort, farPort] = [await freePort(), await freePort()];
        await server("near", nearPort, protocol, { out: [topic] });
        const far = await server("far", farPort, protocol, { in: [topic] });
        const { got } = await client(farPort, "device");
        const { connected } = await client(nearPort, "sender");
        const numbers = Array.from({ length: 400 }, (_, number) => `${number}`);
        const published = Promise.all(
          numbers.map((n) => connected.publishAsync(`${topic}/p2p/device`, n, { qos: 1 })),
        );
        await expect.poll(() => got.size, { timeout: PATIENCE_MS }).toBeGreaterThan(20);
        const beganMs = performance.now();
        await far.close();
        expect(performance.now() - beganMs).toBeLessThan(CLOSING_MS);
        await server("far", farPort, protocol, { in: [topic] });
        await published;
        await expect.poll(() => got.size, { timeout: PATIENCE_MS }).toBe(numbers.length);
      },
    );

    it.each(PROTOCOLS)("may be there before RocketMQ, over %s", async (protocol) => {
      const topic = `late-${protocol}`;
      await rocketMq.kill();
      const [nearPort, farPort] = [await freePort(), await freePort()];
      await server("near", nearPort, protocol, { out: [topic] });
      await server("far", farPort, protocol, { in: [topic] });
      const { got } = await client(farPort, "device");
      const { connected } = await client(nearPort, "sender");
      const published = connected.publishAsync(`${topic}/p2p/device`, "early", { qos: 1 });
      await rocketMq.again();
      await published;
      await expect.poll(() => [...got], { timeout: PATIENCE_MS }).toEqual(["early"]);
    });
  },
);
