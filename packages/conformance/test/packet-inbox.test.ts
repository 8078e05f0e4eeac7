import { describe, expect, it } from "vitest";
import { PacketInbox } from "../src/packet-inbox.js";
import { hex, join, PINGRESP, puback, publish } from "../src/packets.js";
import { typeOf } from "../src/received.js";
import { ScriptedTarget } from "./scripted-target.js";

const newInbox = () => new PacketInbox(new ScriptedTarget({}).clock);

describe("a packet inbox", () => {
  it("hands packets out in order, or the first that fits", () => {
    const inbox = newInbox();
    inbox.received(join(puback(1), PINGRESP, puback(2)));
    expect(inbox.takeAt(inbox.find((packet) => typeOf(packet) === 13))).toEqual(PINGRESP);
    expect(inbox.takeAt(inbox.find((packet) => typeOf(packet) === 13))).toBeUndefined();
    expect(inbox.head).toEqual(puback(1));
    expect([inbox.shift(), inbox.shift(), inbox.shift()]).toEqual([
      puback(1),
      puback(2),
      undefined,
    ]);
    expect(inbox.waiting).toBe(0);
  });

  it("finds nothing in what was already taken", () => {
    const inbox = newInbox();
    inbox.received(join(puback(1), puback(2)));
    inbox.shift();
    expect(inbox.find((packet) => packet[3] === 1)).toBe(-1);
  });

  it("stays in order when thousands have been taken", () => {
    const inbox = newInbox();
    inbox.received(join(...Array.from({ length: 3_000 }, (_, at) => puback(at + 1))));
    for (let at = 1; at <= 3_000; at++) expect(inbox.shift()).toEqual(puback(at));
    expect(inbox.shift()).toBeUndefined();
  });

  it("reads nothing behind a packet whose layout is wrong, and takes that for a close", () => {
    const inbox = newInbox();
    inbox.received(join(PINGRESP, hex`f0 00`, PINGRESP));
    inbox.received(PINGRESP);
    expect([inbox.waiting, inbox.broken?.message]).toEqual([1, expect.stringContaining("type 15")]);
    expect(inbox.closedAtMs).toBe(0);
  });

  it("passes over PUBLISH packets of other topics, and of no others", () => {
    const inbox = newInbox();
    inbox.only("us/");
    inbox.received(join(publish({ topicName: "us" }), publish({ topicName: "us/a" }), PINGRESP));
    expect(inbox.waiting).toBe(2);
  });

  it("waits until something is so, and no longer than it was told", async () => {
    const target = new ScriptedTarget({});
    const inbox = new PacketInbox(target.clock);
    target.after(40, () => inbox.received(hex`d0`));
    target.after(60, () => inbox.received(hex`00`));
    expect(await inbox.until(() => inbox.waiting > 0, 50)).toBe(false);
    expect(inbox.rest).toEqual(hex`d0`);
    expect(await inbox.until(() => inbox.waiting > 0, 50)).toBe(true);
    expect(target.clock.now()).toBe(60);
  });
});
