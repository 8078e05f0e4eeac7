import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
} from "../../src/codec/index.js";
import { ClientConnection } from "../../src/local/client-connection.js";
import { ClientSession } from "../../src/local/client-session.js";
import { connectPacket, publishPacket } from "../net/raw-client.js";

/** A connection whose broker is the test. */
function scene({ keepAliveSeconds = 0, session = new ClientSession() } = {}) {
  const sent: Packet[] = [];
  const events: unknown[] = [];
  let aborts = 0;
  const host = {
    open: () => ({
      send: (bytes: Uint8Array, onEnd?: (isTaken: boolean) => void) => {
        const stream = new PacketStream();
        stream.push(bytes);
        const packet = stream.next();
        if (packet !== undefined) sent.push(packet);
        onEnd?.(true);
      },
      abort: () => {
        aborts += 1;
      },
    }),
    error: (error: unknown) => events.push(["error", error]),
  };
  const connection = new ClientConnection(host, connectPacket({ keepAliveSeconds }), session, {
    onAccepted: () => events.push("accepted"),
    onMessage: ({ payload }: Publish) => events.push(Buffer.from(payload).toString()),
    onEnded: (refusal) => events.push(["ended", refusal?.name]),
  });
  const receive = (...packets: Packet[]): void =>
    connection.receive(Buffer.concat(packets.map((packet) => encode(packet))));
  const types = (): number[] => sent.splice(0).map(({ type }) => type);
  return { connection, session, sent, events, receive, types, aborts: () => aborts };
}

const accepted: Packet = { type: PacketType.CONNACK, sessionPresent: false, returnCode: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an in-process Client's connection", () => {
  it("[MQTT-3.1.0-1] begins with CONNECT and nothing else", () => {
    const { sent } = scene();
    expect(sent).toEqual([connectPacket()]);
  });

  it("is accepted by CONNACK, and says whether there was a Session", () => {
    const { connection, events, receive } = scene();
    expect(connection.isAccepted).toBe(false);
    receive({ ...accepted, sessionPresent: true });
    expect([connection.isAccepted, connection.sessionPresent]).toEqual([true, true]);
    expect(events).toEqual(["accepted"]);
  });

  it("is refused by another return code", () => {
    const { connection, events, receive, aborts } = scene();
    receive({ type: PacketType.CONNACK, sessionPresent: false, returnCode: 4 });
    connection.ended();
    expect(aborts()).toBe(1);
    expect(events).toEqual([["ended", "RefusedError"]]);
  });

  it("fails when it ends before CONNACK", () => {
    const { connection, events } = scene();
    connection.ended();
    expect(events).toEqual([["ended", "ConnectionLostError"]]);
  });

  it("[MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-2.3.1-6] answers in the order in which messages came", () => {
    const { events, receive, sent } = scene();
    receive(accepted);
    sent.length = 0;
    receive(
      publishPacket("t", "a", 1, 11),
      publishPacket("t", "b", 2, 12),
      publishPacket("t", "c", 1, 13),
      publishPacket("t", "d", 2, 14),
    );
    expect(sent).toEqual([
      { type: PacketType.PUBACK, packetId: 11 },
      { type: PacketType.PUBREC, packetId: 12 },
      { type: PacketType.PUBACK, packetId: 13 },
      { type: PacketType.PUBREC, packetId: 14 },
    ]);
    expect(events).toEqual(["accepted", "a", "b", "c", "d"]);
  });

  it("[MQTT-3.14.4-2] sends nothing after DISCONNECT", () => {
    const { connection, receive, sent, types } = scene();
    receive(accepted);
    sent.length = 0;
    connection.disconnect();
    connection.disconnect();
    receive(publishPacket("t", "late", 1));
    const fates: boolean[] = [];
    connection.send(encode({ type: PacketType.PINGREQ }), (isTaken) => fates.push(isTaken));
    expect(types()).toEqual([PacketType.DISCONNECT]);
    expect(fates).toEqual([false]);
  });

  it("[MQTT-3.14.4-1] closes after DISCONNECT", () => {
    const { connection, receive, aborts } = scene();
    receive(accepted);
    connection.disconnect();
    expect(aborts()).toBe(1);
  });

  it("[MQTT-4.4.0-1] sends again what is open before anything else", () => {
    const session = new ClientSession();
    session.begin((packetId) => ({ ...publishPacket("t", "m", 1), packetId }) as Publish, {
      done: () => undefined,
      failed: () => undefined,
    });
    const { receive, sent } = scene({ session });
    receive(accepted);
    expect(sent[1]).toMatchObject({ type: PacketType.PUBLISH, dup: true, packetId: 1 });
  });

  it("[MQTT-4.8.0-1] breaks off when the broker sends what it must not", () => {
    const before = scene();
    before.receive(publishPacket("t", "too early"));
    const after = scene();
    after.receive(accepted, { type: PacketType.PINGREQ });
    for (const { events, aborts } of [before, after]) {
      expect(events.at(-1)).toEqual([
        "error",
        expect.objectContaining({ code: "wrong-direction" }),
      ]);
      expect(aborts()).toBe(1);
    }
  });
});

describe("an in-process Client's Keep Alive", () => {
  it("[MQTT-3.1.2-23] never lets more than a Keep Alive pass between two packets", () => {
    const { connection, receive, types } = scene({ keepAliveSeconds: 10 });
    receive(accepted);
    types();
    const gapsMs: number[] = [];
    let lastMs = 0;
    for (let nowMs = 0; nowMs < 120_000; nowMs += 100) {
      if (nowMs === 33_000) connection.send(encode(publishPacket("t", "x"))); // a packet of its own
      vi.advanceTimersByTime(100);
      const sent = types();
      if (sent.length === 0) continue;
      gapsMs.push(nowMs - lastMs);
      lastMs = nowMs;
      if (sent.includes(PacketType.PINGREQ)) receive({ type: PacketType.PINGRESP });
    }
    expect(gapsMs.length).toBeGreaterThan(10);
    expect(Math.max(...gapsMs)).toBeLessThan(10_000);
  });

  it("sends no ping while it has other things to say", () => {
    const { connection, receive, types } = scene({ keepAliveSeconds: 10 });
    receive(accepted);
    types();
    for (let count = 0; count < 50; count += 1) {
      connection.send(encode(publishPacket("t", "x")));
      vi.advanceTimersByTime(1_000);
    }
    expect(new Set(types())).toEqual(new Set([PacketType.PUBLISH]));
  });

  it("gives up when a ping is not answered", () => {
    const { receive, aborts } = scene({ keepAliveSeconds: 10 });
    receive(accepted);
    vi.advanceTimersByTime(11_999);
    expect(aborts()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(aborts()).toBe(1);
  });

  it("needs no timer when it is 0, and none after the end", () => {
    const never = scene();
    never.receive(accepted);
    expect(vi.getTimerCount()).toBe(0);
    const { connection, receive } = scene({ keepAliveSeconds: 10 });
    receive(accepted);
    expect(vi.getTimerCount()).toBe(1);
    connection.ended();
    expect(vi.getTimerCount()).toBe(0);
  });
});
