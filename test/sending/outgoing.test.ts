import { describe, expect, it } from "vitest";
import { PacketReader, PacketType } from "../../src/codec/index.js";
import { settingsFrom } from "../../src/ports/options.js";
import { REFERENCE_FROM_BYTES } from "../../src/ports/outbox.js";
import {
  DUP_BIT,
  isCongested,
  stopReadingDeaf,
  writeAcknowledgement,
  writeDelivery,
} from "../../src/sending/outgoing.js";
import { Delivery } from "../../src/session/delivery.js";
import { Message } from "../../src/session/message.js";
import { Connection, Phase } from "../../src/state/connection.js";
import { Core, type TurnRunner } from "../../src/state/core.js";
import { isStoppedFor, StopReason } from "../../src/state/reading.js";
import { concat } from "../support/arbitraries.js";
import { FakeLink } from "../support/fake-link.js";
import { hex } from "../support/wire.js";

const turns: TurnRunner = { run: (_nowMs, work) => work(), advance: () => undefined };
const inputs = { receive: () => undefined, drained: () => undefined, closed: () => undefined };

function make(outboundBytesMax = 1_000): { core: Core; connection: Connection; link: FakeLink } {
  const limits = { outboundBytesMax, packetBytesMax: 64 };
  const core = new Core(settingsFrom({ makeClientId: () => "made", limits }), turns);
  const link = new FakeLink();
  const connection = new Connection(link, new PacketReader(), core.pool, inputs, 1_000);
  connection.phase = Phase.ACCEPTED;
  core.nowMs = 1_000;
  return { core, connection, link };
}

const written = (connection: Connection): Uint8Array => concat(connection.outbox.parts());

/** A delivery of so many payload bytes on the topic `t`, under identifier 5. */
function delivery(qos: 0 | 1 | 2, payloadBytes: number, retain = false): [Delivery, Message] {
  const payload = new Uint8Array(payloadBytes).fill(0x78);
  const message = new Message("t", Uint8Array.of(0x74), payload, 0, payloadBytes, qos);
  const made = new Delivery(message, qos, retain, false, 0);
  if (qos > 0) made.packetId = 5;
  return [made, message];
}

describe("what is written", () => {
  it("[MQTT-3.3.1-8] [MQTT-4.3.1-1] a PUBLISH with the flags and the identifier of its delivery", () => {
    for (const [qos, retain, dup, expected] of [
      [0, false, 0, "30 05 00 01 74 78 78"],
      [1, true, 0, "33 07 00 01 74 00 05 78 78"],
      [2, false, DUP_BIT, "3c 07 00 01 74 00 05 78 78"],
    ] as const) {
      const { connection } = make();
      const [made, message] = delivery(qos, 2, retain);
      writeDelivery(connection, made, message, dup);
      expect(hex(written(connection))).toBe(expected);
    }
  });

  it("a large payload goes by reference, with the same bytes on the wire", () => {
    const { connection } = make();
    const [made, message] = delivery(1, REFERENCE_FROM_BYTES);
    writeDelivery(connection, made, message, 0);
    const parts = connection.outbox.parts();
    expect(parts).toHaveLength(2);
    expect(parts[1]?.buffer).toBe(message.block.buffer);
    const reader = new PacketReader();
    reader.push(written(connection));
    expect(reader.advance()).toBe(true);
    expect(reader.packet()).toMatchObject({ type: PacketType.PUBLISH, packetId: 5, qos: 1 });
  });

  it("an acknowledgement is four bytes, and asks for a flush", () => {
    const { core, connection } = make();
    writeAcknowledgement(core, connection, 0x50, 0xabcd);
    expect(hex(written(connection))).toBe("50 02 ab cd");
    expect(core.dirtyCount).toBe(1);
  });
});

describe("congestion", () => {
  it("[M24] up to the bound there is none, above it what there is is flushed first", () => {
    const { core, connection, link } = make();
    connection.outbox.reserve(PacketType.PUBLISH, 1_000);
    expect(isCongested(core, connection)).toBe(false);
    expect(link.flushes).toBe(0);
    connection.outbox.reserve(PacketType.PUBLISH, 1);
    expect(isCongested(core, connection)).toBe(false);
    expect(link.flushes).toBe(1);
  });

  it("[M24] there is when the peer has not taken more than the bound, and its clock runs", () => {
    const { core, connection, link } = make();
    link.frozen = true;
    connection.outbox.reserve(PacketType.PUBLISH, 1_001);
    expect(isCongested(core, connection)).toBe(true);
    expect(connection.blockedSinceMs).toBe(1_000);
    expect([core.budgets.blocked.used, connection.blockedBytes]).toEqual([1_001, 1_001]);
    expect(isCongested(core, connection)).toBe(true);
    expect(core.budgets.blocked.used).toBe(1_001);
  });

  it("[M24] there is for a transport that takes nothing and says so of nothing", () => {
    const { core, connection, link } = make();
    link.flush = () => undefined;
    connection.outbox.reserve(PacketType.PUBLISH, 1_001);
    expect(isCongested(core, connection)).toBe(true);
  });
});

describe("a peer that does not take its answers", () => {
  it("[M24] is not read above twice the bound and the largest packet", () => {
    const { core, connection, link } = make();
    link.frozen = true;
    connection.outbox.reserve(PacketType.PUBLISH, 2_064);
    stopReadingDeaf(core, connection);
    expect(link.isPaused).toBe(false);
    connection.outbox.reserve(PacketType.PUBLISH, 1);
    stopReadingDeaf(core, connection);
    expect(link.isPaused).toBe(false); // a transport that had taken nothing yet took all of it
    connection.outbox.reserve(PacketType.PUBLISH, 2_065);
    stopReadingDeaf(core, connection);
    stopReadingDeaf(core, connection);
    expect([link.isPaused, isStoppedFor(connection, StopReason.DEAF)]).toEqual([true, true]);
  });
});
