import { describe, expect, it } from "vitest";
import { FieldReader, FieldWriter, MalformedError } from "../../src/cluster/byte-fields.js";
import { readHead, readRecords, recordsOf, writeHead } from "../../src/cluster/session-records.js";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import { Message } from "../../src/session/message.js";
import { Numbering } from "../../src/session/numbering.js";
import { Seen } from "../../src/session/seen.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import { bytesOf } from "../support/harness.js";

function delivery(text: string, expiresMs = 0): Delivery {
  const payload = bytesOf(text);
  const message = new Message("t/ä", bytesOf("t/ä"), payload, 0, payload.length, 2);
  return new Delivery(message, 2, false, expiresMs > 0, expiresMs);
}

describe("a Session as records", () => {
  it("[M33] is read as it was written, with what is left of each age", () => {
    const session = new Session("x", false, "ann", DEFAULT_LIMITS) as ClientSession;
    session.subscribe("t/#", 1);
    session.inbound.receive(7);
    const sent = delivery("one");
    session.outbound.admit(sent);
    session.outbound.begin(sent);
    session.outbound.pubrec(sent.packetId);
    const queued = delivery("two", 5_000);
    queued.receipt = "r/1";
    queued.share = "$share/g/t";
    session.outbound.admit(queued);
    session.outbound.enqueue(queued, []);
    const writer = new FieldWriter();
    writeHead(writer, { sequence: 5, readTo: 9, number: 1, isLast: true });
    for (const record of recordsOf(session, 1_000)) writer.raw(record);
    const reader = new FieldReader(writer.bytes);
    expect(readHead(reader)).toEqual({ sequence: 5, readTo: 9, number: 1, isLast: true });
    const read: unknown[] = [];
    const deliveries: Delivery[] = [];
    const taker = {
      session: (...all: unknown[]) => read.push(all),
      subscription: (...all: unknown[]) => read.push(all),
      inbound: (packetId: number) => read.push(packetId),
      numbers: (...all: unknown[]) => read.push(all),
      seen: (...all: unknown[]) => read.push(all),
      delivery: (one: Delivery) => deliveries.push(one),
    };
    expect(readRecords(reader, taker, 100)).toBe(5);
    expect(read).toEqual([["ann", false], ["t/#", 1], 7]);
    expect(deliveries[0]).toMatchObject({
      packetId: sent.packetId,
      state: DeliveryState.AWAITING_PUBCOMP,
      message: undefined,
    });
    expect(deliveries[1]).toMatchObject({ expiresMs: 4_100, share: "$share/g/t", receipt: "r/1" });
    expect(deliveries[1]?.message?.payload).toEqual(bytesOf("two"));
  });

  it("[M36] says what its Client has published and what it was given, to a node that knows of that", () => {
    const session = new Session("x", false, undefined, DEFAULT_LIMITS) as ClientSession;
    session.inbound.receive(7);
    session.inbound.numbering = new Numbering(100);
    session.inbound.setNumber(7, 101);
    session.inbound.numbering.releasedUnknown(9, 200);
    session.seen = new Seen();
    session.seen.restore("p", [{ packetId: 1, number: 2 ** 40 }]);
    const read: unknown[] = [];
    const taker = {
      session: () => undefined,
      subscription: () => undefined,
      inbound: (packetId: number) => read.push(packetId),
      numbers: (...all: unknown[]) => read.push(all),
      seen: (...all: unknown[]) => read.push(all),
      delivery: () => undefined,
    };
    const all = [...recordsOf(session, 0)];
    for (const bytes of all) readRecords(new FieldReader(bytes), taker, 0);
    expect(read).toEqual([
      7,
      [
        100,
        [
          { packetId: 7, number: 101, isReleased: false },
          { packetId: 9, number: 200, isReleased: true },
        ],
      ],
      ["p", [{ packetId: 1, number: 2 ** 40 }]],
    ]);
    expect([...recordsOf(session, 0, false)]).toEqual(all.slice(0, 2));
  });

  it("of an unknown kind is an error", () => {
    const reader = new FieldReader(Uint8Array.of(9));
    expect(() => readRecords(reader, {} as never, 0)).toThrow(MalformedError);
  });
});
