import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openCredentials } from "../../src/auth/index.js";
import { PacketType } from "../../src/codec/index.js";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { ConnectAttempt } from "../../src/ports/policy.js";
import { scratch } from "../auth/attempt.js";
import { cheapHash } from "../auth/cheap-hash.js";
import { connectPacket, publishPacket, subscribePacket } from "../net/raw-client.js";
import { DOORS, type Door, type DoorClient, openDoor } from "../support/doors.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";

const PASSWORD = Buffer.from("right");
const folder = scratch();
let ca: TestCa;
let server: CertificatePair;
beforeAll(() => {
  ca = new TestCa();
  server = ca.issue();
});
afterAll(() => ca.remove());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function brokerAt(door: Door, options: BrokerOptions) {
  const errors: unknown[] = [];
  const broker = createBroker(options).on("error", (error) => errors.push(error));
  closers.push(() => broker.close());
  const files = door === "tls" || door === "wss" ? server : {};
  const address = await broker.listen({ type: door, port: 0, ...files } as ListenerOptions); // as its type asks
  const open = async (): Promise<DoorClient> => {
    const client = await openDoor(door, address);
    closers.push(() => client.stream.destroy());
    return client;
  };
  return { broker, errors, open };
}

/** A Client that sends CONNECT, and its CONNACK. */
async function codeFor(client: DoorClient, connect: Parameters<typeof connectPacket>[0] = {}) {
  client.send(connectPacket(connect));
  await client.until(() => client.packets.length > 0);
  const [connack] = client.packets;
  return connack?.type === PacketType.CONNACK ? connack.returnCode : undefined;
}

describe.each(DOORS)("credentials over %s", (door) => {
  it("[B19] a hook that expects credentials is shown undefined where there are none", async () => {
    const seen: ConnectAttempt[] = [];
    const { open } = await brokerAt(door, { authenticate: (attempt) => seen.push(attempt) < 0 });
    expect(await codeFor(await open())).toBe(5);
    expect(seen[0]).toMatchObject({ username: undefined, password: undefined });
  });

  it("[B18] a hook that throws or rejects is one refusal, told, and others go on", async () => {
    const { open, errors } = await brokerAt(door, {
      authenticate: ({ clientId }) => {
        if (clientId === "throws") throw new Error("it throws");
        return clientId === "rejects" ? Promise.reject(new Error("it rejects")) : true;
      },
    });
    expect(await codeFor(await open(), { clientId: "throws" })).toBe(3);
    expect(await codeFor(await open(), { clientId: "rejects" })).toBe(3);
    expect(await codeFor(await open(), { clientId: "fine" })).toBe(0);
    expect(errors).toMatchObject([{ message: "it throws" }, { message: "it rejects" }]);
  });

  it("[B17] [B18] a hook that never answers is a refusal in time, whatever stands behind", async () => {
    const { open } = await brokerAt(door, {
      limits: { authenticateTimeoutMs: 300, packetBytesMax: 65_536 },
      authenticate: () => new Promise(() => undefined),
    });
    const client = await open();
    const behind = publishPacket("t", "x".repeat(60_000));
    client.send(connectPacket(), behind, behind);
    await client.until(() => client.packets.length > 0);
    expect(client.packets).toMatchObject([{ type: PacketType.CONNACK, returnCode: 3 }]);
  });

  it("[H11] what comes before the answer waits, in order", async () => {
    let answer: (yes: boolean) => void = () => undefined;
    const { open } = await brokerAt(door, {
      authenticate: () => new Promise<boolean>((resolve) => (answer = resolve)),
    });
    const client = await open();
    client.send(connectPacket(), subscribePacket("t"));
    client.send(publishPacket("t", "first"), { type: PacketType.PINGREQ });
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.packets).toEqual([]);
    await vi.waitUntil(() => {
      answer(true);
      return client.packets.length === 4;
    });
    expect(client.packets.map(({ type }) => type)).toEqual([
      PacketType.CONNACK,
      PacketType.SUBACK,
      PacketType.PUBLISH,
      PacketType.PINGRESP,
    ]);
  });

  it("[B20] [B21] who is refused is closed, also when it stays", async () => {
    const { broker, open } = await brokerAt(door, { authenticate: () => false });
    const client = await open();
    expect(await codeFor(client)).toBe(5);
    await client.closed();
    await vi.waitUntil(() => broker.stats().connections === 0);
  });

  it("[M01] whatever is wrong with credentials, the peer is told the same", async () => {
    const users = folder.file("users", `anna:${cheapHash(`${PASSWORD}`)}\n`);
    const credentials = await openCredentials([{ kind: "passwords", file: users }]);
    closers.push(() => credentials.close());
    const { broker, open } = await brokerAt(door, { authenticate: credentials.authenticate });
    const wrong = [
      {},
      { username: "anna" },
      { username: "anna", password: Buffer.from("wrong") },
      { username: "anna", password: Buffer.alloc(5_000) },
      { username: "nobody", password: PASSWORD },
    ];
    for (const connect of wrong) {
      const client = await open();
      client.send(connectPacket(connect));
      await client.closed();
      const told = { type: PacketType.CONNACK, sessionPresent: false, returnCode: 4 };
      expect(client.packets).toEqual([told]);
    }
    expect(broker.stats().refusals).toMatchObject({ "bad-credentials": wrong.length });
    const right = { username: "anna", password: PASSWORD };
    expect(await codeFor(await open(), right)).toBe(0);
  });

  it("[I02] a CONNECT byte by byte has its time in all, and no more", async () => {
    const { broker, open } = await brokerAt(door, { limits: { connectTimeoutMs: 500 } });
    const client = await open();
    client.send(Uint8Array.of(0x10, 0x7f));
    const trickling = setInterval(() => client.send(Uint8Array.of(0)), 50);
    closers.push(() => clearInterval(trickling));
    await client.closed();
    expect(broker.stats().closes).toMatchObject({ "connect-timeout": 1 });
  });
});
