import { describe, expect, it } from "vitest";
import { Broker, type Link, type Outbox } from "../../src/engine.js";
import { copyOf } from "../../src/state/copy-of.js";
import { hex, wire } from "../support/wire.js";

describe("copyOf", () => {
  it("copies a range of a Buffer into an array of its own, although Buffer.slice is a view", () => {
    const chunk = Buffer.from("0123456789");
    const copy = copyOf(chunk, 2, 5);
    chunk.fill(0);
    expect(Buffer.from(copy).toString()).toBe("234");
    expect(copy.buffer.byteLength).toBe(3);
    expect(copy).not.toBeInstanceOf(Buffer);
  });

  it("copies all of an array when no range is given", () => {
    expect(copyOf(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("a received Buffer", () => {
  it("[MQTT-3.3.1-5] is not referred to by what is kept of it: retained message, Will, password", () => {
    const passwords: (Uint8Array | undefined)[] = [];
    const broker = new Broker({
      makeClientId: () => "made",
      policy: {
        authenticate: ({ password }, answer) => {
          passwords.push(password);
          answer({ kind: "accepted" }, 1);
        },
      },
    });
    const publisher = broker.open(linkInto([]), 1);
    const sent: Uint8Array[] = [];
    const subscriber = broker.open(linkInto(sent), 1);
    for (const packet of [
      wire`10 1b  0004 4d515454 04 c6 0000  0001 61  0001 77 0002 3432  0001 75  0002 7077`,
      wire`31 06  0001 72  616263`,
    ]) {
      const chunk = Buffer.from(packet);
      publisher.receive(chunk, 1);
      chunk.fill(0x58); // as a transport does that reads into the same memory again
    }
    subscriber.receive(wire`10 0d  0004 4d515454 04 02 0000  0001 62`, 1);
    subscriber.receive(wire`82 06  0001  0001 23 00`, 1);
    publisher.closed(1);
    broker.flush();
    expect(passwords).toEqual([wire`7077`, undefined]);
    const received = hex(Buffer.concat(sent));
    expect(received).toContain(hex(wire`31 06  0001 72  616263`));
    expect(received).toContain(hex(wire`30 05  0001 77  3432`));
  });
});

function linkInto(sent: Uint8Array[]): Link {
  return {
    unsentBytes: 0,
    remoteAddress: "",
    flush: (outbox: Outbox) => {
      sent.push(Buffer.concat(outbox.parts()));
      outbox.sent(true);
    },
    close: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
}
