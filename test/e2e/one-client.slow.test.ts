import { connect as connectSocket, type Socket } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { encode, type Packet, PacketType } from "../../src/codec/index.js";
import { connectPacket, publishPacket } from "../support/harness.js";
import { ownTime } from "../support/own-time.js";
import { stockServer } from "./stock-server.js";

/**
 * Attack and canary share this process and a machine with other work: a message of the canary here and
 * back takes what they leave, so its time is that of the server. The goal, 50 ms in 99 of 100, is measured by `npm run attack`; before the
 * time budget the server answered nobody for seconds, which is what this finds.
 */
const CANARY_MS_MAX = 1_000;
const FLOOD_MS = 2_000;
const FILTERS = Array.from({ length: 5_000 }, (_, at) => `f/${at}/x`);

describe("while one client does what it can, others are served", () => {
  const { port, pid } = stockServer();
  const url = (): string => `mqtt://127.0.0.1:${port()}`;

  /** A socket that writes a chunk over and over until told to end. */
  async function loop(clientId: string, ...packets: Packet[]): Promise<() => void> {
    const socket: Socket = connectSocket(port(), "127.0.0.1");
    await new Promise<void>((resolve) => {
      socket.once("data", () => resolve());
      socket.write(encode(connectPacket({ clientId })));
    });
    socket.resume();
    const chunk = Buffer.concat(packets.map((packet) => encode(packet)));
    let isOver = false;
    const go = (): void => {
      if (isOver) return;
      if (socket.write(chunk)) setImmediate(go);
      else socket.once("drain", go);
    };
    go();
    return () => {
      isOver = true;
      socket.destroy();
    };
  }

  /** Sends to itself, one message after the other. @returns how long the longest took. */
  async function longestWay(client: MqttClient, forMs: number): Promise<number> {
    let longest = 0;
    const untilMs = performance.now() + forMs;
    while (performance.now() < untilMs) {
      const passedMs = ownTime(pid());
      const back = new Promise((resolve) => client.once("message", resolve));
      client.publish("canary", "x");
      await back;
      longest = Math.max(longest, passedMs());
    }
    return longest;
  }

  async function canaryDuring(...packets: Packet[]): Promise<number> {
    const canary = await connectAsync(url(), { clientId: "canary", reconnectPeriod: 0 });
    await canary.subscribeAsync("canary");
    const stop = await loop("attacker", ...packets);
    const longest = await longestWay(canary, FLOOD_MS);
    stop();
    await canary.endAsync();
    return longest;
  }

  it("[T1] it publishes to 300 subscribers as fast as it can", async () => {
    const receivers = await Promise.all(
      Array.from({ length: 300 }, async (_, at) => {
        const socket = connectSocket(port(), "127.0.0.1");
        const subscribe = { type: PacketType.SUBSCRIBE, packetId: 1 } as const;
        socket.write(encode(connectPacket({ clientId: `r${at}` })));
        socket.write(encode({ ...subscribe, requests: [{ topicFilter: "t", requestedQos: 0 }] }));
        await new Promise((resolve) => socket.once("data", resolve));
        return socket.resume();
      }),
    );
    const flood = Array.from({ length: 300 }, () => publishPacket("t", new Uint8Array(200)));
    expect(await canaryDuring(...flood)).toBeLessThan(CANARY_MS_MAX);
    for (const socket of receivers) socket.destroy();
  }, 60_000);

  it("[T2] it subscribes to 5,000 filters and unsubscribes, over and over", async () => {
    const requests = FILTERS.map((topicFilter) => ({ topicFilter, requestedQos: 0 }) as const);
    const longest = await canaryDuring(
      { type: PacketType.SUBSCRIBE, packetId: 1, requests },
      { type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters: FILTERS },
    );
    expect(longest).toBeLessThan(CANARY_MS_MAX);
  }, 60_000);

  it("[T8] it floods one receiver, point-to-point", async () => {
    const victim = await connectAsync(url(), { clientId: "victim", reconnectPeriod: 0 });
    const flood = Array.from({ length: 300 }, () =>
      publishPacket("x/p2p/victim", new Uint8Array(200)),
    );
    expect(await canaryDuring(...flood)).toBeLessThan(CANARY_MS_MAX);
    victim.end(true);
  }, 60_000);
});
