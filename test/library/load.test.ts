import { afterEach, describe, expect, it } from "vitest";
import { encode, type Packet, PacketType, type Publish, type QoS } from "../../src/codec/index.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(limits = {}): Promise<number> {
  const broker = createBroker({ limits });
  closers.push(() => broker.close());
  return (await broker.listen({ port: 0 })).port;
}

const publishesOf = ({ packets }: RawClient): Publish[] =>
  packets.filter((packet): packet is Publish => packet.type === PacketType.PUBLISH);

/** Acknowledges whatever came since the last call, as a Client does. */
function acknowledge(client: RawClient, from: number): number {
  for (const packet of client.packets.slice(from)) {
    const answer = answerTo(packet);
    if (answer !== undefined) client.send(answer);
  }
  return client.packets.length;
}

function answerTo(packet: Packet): Packet | undefined {
  const { PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType;
  if (packet.type === PUBREC) return { type: PUBREL, packetId: packet.packetId };
  if (packet.type === PUBREL) return { type: PUBCOMP, packetId: packet.packetId };
  if (packet.type !== PUBLISH || packet.qos === 0) return undefined;
  return { type: packet.qos === 1 ? PUBACK : PUBREC, packetId: packet.packetId };
}

describe("under load", () => {
  it("[M24] [I04] the flood of one publisher keeps no other Client waiting", async () => {
    const port = await serve();
    const sink = await RawClient.accepted(port, { clientId: "sink" });
    sink.send(subscribePacket("flood"));
    const flooder = await RawClient.accepted(port, { clientId: "flooder" });
    const burst = Buffer.concat(
      Array<Uint8Array>(1_000).fill(encode(publishPacket("flood", "x".repeat(64)))),
    );
    let isFlooding = true;
    const flood = (): void => {
      while (isFlooding && flooder.socket.write(burst));
    };
    flooder.socket.on("drain", flood);
    flood();
    const quiet = await RawClient.accepted(port, { clientId: "quiet" });
    const tookMs: number[] = [];
    for (let count = 1; count <= 20; count += 1) {
      const startMs = performance.now();
      quiet.send(publishPacket("q/p2p/quiet", `${count}`, 0));
      await quiet.until(() => quiet.payloads.length === count);
      tookMs.push(performance.now() - startMs);
    }
    isFlooding = false;
    expect(sink.byteCount).toBeGreaterThan(burst.length); // it was a flood all the time
    tookMs.sort((left, right) => left - right);
    expect(tookMs[10]).toBeLessThan(500); // some ms: each gets its turn between two chunks
    flooder.socket.destroy();
  });

  it("[MQTT-4.6.0-6] [M14] each publisher's order holds on each topic, at every QoS, retained or live, cut or not", async () => {
    const port = await serve({ queueMessagesMax: 10_000 });
    const count = 120;
    const names = ["p0", "p1", "p2", "p3"];
    const steady = await RawClient.accepted(port, { clientId: "steady" });
    const open = async (): Promise<RawClient> => {
      const client = await RawClient.open(port);
      client.send(connectPacket({ clientId: "cut", cleanSession: false }));
      await client.until(() => client.packets.length > 0); // perhaps with more right behind it
      return client;
    };
    const parts: RawClient[] = [await open()];
    for (const client of [steady, ...parts]) client.send(subscribePacket("order/#", 2));
    for (const client of [steady, ...parts]) await client.until(() => client.packets.length > 1);
    const publishers = await Promise.all(
      names.map((name) => RawClient.accepted(port, { clientId: name })),
    );
    const done = new Map<RawClient, number>();
    const serveAll = (): void => {
      for (const client of [...publishers, steady, parts.at(-1) as RawClient]) {
        done.set(client, acknowledge(client, done.get(client) ?? 0));
      }
    };
    const working = setInterval(serveAll, 1);
    closers.push(() => clearInterval(working));
    for (let n = 1; n <= count; n += 1) {
      publishers.forEach((publisher, at) => {
        const qos = ((n + at) % 3) as QoS; // 0, 1 or 2
        const packet = publishPacket(`order/${names[at]}`, `${n}`, qos, qos === 0 ? 0 : n);
        publisher.send({ ...packet, retain: n % 10 === 0 } as Packet);
      });
      if (n % 30 === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        parts.at(-1)?.socket.destroy();
        parts.push(await open());
      }
    }
    /** What of QoS 1 and 2 no connection of a Client has got yet. */
    const missing = (clients: readonly RawClient[]): string[] =>
      names.flatMap((name, at) => {
        const come = new Set(clients.flatMap((client) => numbersOf(client, name)));
        const sent = Array.from({ length: count }, (_, n) => n + 1);
        return sent.filter((n) => (n + at) % 3 !== 0 && !come.has(n)).map((n) => `${name} ${n}`);
      });
    await expect.poll(() => missing(parts), { timeout: 30_000 }).toEqual([]);
    await expect
      .poll(() => names.map((name) => numbersOf(steady, name).length))
      .toEqual(
        names.map(() => count), // QoS 0 as well
      );
    for (const name of names) {
      const all = numbersOf(steady, name);
      expect(all).toEqual(increasing(all));
      // A message that is sent again on resume has DUP; without those the order is that of sending.
      const resumed = parts.flatMap((part) => numbersOf(part, name, ({ dup }) => !dup));
      expect(resumed).toEqual(increasing(resumed));
    }
  });
});

/** What came from one publisher, in order. */
function numbersOf(
  client: RawClient,
  name: string,
  isMeant: (packet: Publish) => boolean = () => true,
): number[] {
  return publishesOf(client)
    .filter((packet) => packet.topicName === `order/${name}` && isMeant(packet))
    .map(({ payload }) => Number(Buffer.from(payload).toString()));
}

function increasing(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((left, right) => left - right);
}
