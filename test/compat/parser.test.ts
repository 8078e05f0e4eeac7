import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/codec/index.js";
import { parser } from "../../src/compat/parser.js";
import { wire } from "../support/wire.js";

const PINGREQ = wire`c0 00`;
const PUBLISH = wire`30 08  0003 612f62  780979`;
const CONNECT_5 = wire`10 0d  0004 4d515454 05 02 003c  00  0000`;

interface Subject {
  readonly parse: (...chunks: readonly Uint8Array[]) => number;
  readonly heard: unknown[];
  readonly parser: ReturnType<typeof parser>;
}

/** A parser and what it emits: the command of a packet, the message of an error. */
function listen(options?: object): Subject {
  const subject = parser(options);
  const heard: unknown[] = [];
  subject.on("packet", (packet) => heard.push(packet.cmd));
  subject.on("error", (error: Error) => heard.push(error.message));
  const parse = (...chunks: readonly Uint8Array[]) => subject.parse(Buffer.concat(chunks));
  return { parse, heard, parser: subject };
}

describe("parser", () => {
  it("is an EventEmitter that programs may hang their own things on", () => {
    const subject = Object.assign(parser(), { _queue: [] });
    expect(subject).toBeInstanceOf(EventEmitter);
    expect(subject._queue).toEqual([]);
    expect(() => parser(null)).not.toThrow();
  });

  it("takes a Buffer, a Uint8Array or a string of bytes", () => {
    const { parser: subject, heard } = listen();
    for (const chunk of [Buffer.from(PUBLISH), PUBLISH, Buffer.from(PUBLISH).toString("latin1")]) {
      expect(subject.parse(chunk as Buffer)).toBe(0);
    }
    expect(heard).toEqual(["publish", "publish", "publish"]);
  });

  it("returns how many bytes wait, without the fixed header they belong to", () => {
    const { parse } = listen();
    expect(parse()).toBe(0);
    expect(parse(wire`30`)).toBe(0);
    expect(parse(wire`88`)).toBe(1);
    expect(parse(wire`00`)).toBe(0);
    expect(parse(wire`0003 61`)).toBe(3);
    expect(parse(wire`2f62 00`)).toBe(6);
    expect(parse(wire`0000`, PINGREQ, wire`30 05 0001`)).toBe(2);
  });

  it("[MQTT-4.8.0-1] emits nothing behind an error, and begins anew with the next parse", () => {
    const { parse, heard } = listen();
    expect(parse(PINGREQ, wire`c1 00`, PINGREQ)).toBe(4);
    expect(heard).toEqual(["pingreq", "Invalid header flag bits, must be 0x0 for pingreq packet"]);
    expect(parse(PUBLISH)).toBe(0);
    expect(heard.slice(2)).toEqual(["publish"]);
  });

  it("returns after an error what the original returns: all behind what it has taken", () => {
    expect(listen().parse(wire`40 01 00`, PINGREQ, wire`30`)).toBe(4);
    expect(listen().parse(wire`30 ff ff ff ff 01`)).toBe(5);
    expect(listen().parse(wire`f1 00`)).toBe(2);
  });

  it("says what is wrong with a first byte or a length before the packet is whole", () => {
    const early = listen();
    early.parse(wire`36`);
    expect(early.heard).toEqual(["Packet must not have both QoS bits set to 1"]);
    const late = listen();
    for (const byte of wire`30 ff ff ff ff`) late.parse(Uint8Array.of(byte));
    expect(late.heard).toEqual(["Invalid variable byte integer"]);
  });

  it("gives the codec's own error as the cause, with its code, statement and offset", () => {
    const subject = parser();
    let error: unknown;
    subject.on("error", (found: Error) => {
      error = found.cause;
    });
    subject.parse(Buffer.from(wire`32 05  0001 61  0000`));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "zero-packet-id", at: 5, statement: "MQTT-2.3.1-1" });
  });

  it("throws the error when nobody listens for it", () => {
    expect(() => parser().parse(Buffer.from(wire`00 00`))).toThrow("Not supported");
  });

  it("goes on behind a packet whose listener threw", () => {
    const subject = parser();
    const heard: string[] = [];
    subject.on("packet", ({ cmd }) => {
      heard.push(cmd);
      if (cmd === "publish") throw new Error("of the listener");
    });
    const chunk = Buffer.concat([PINGREQ, PUBLISH, PINGREQ]);
    expect(() => subject.parse(chunk)).toThrow("of the listener");
    expect(heard).toEqual(["pingreq", "publish"]);
    subject.parse(Buffer.from(PINGREQ));
    expect(heard).toEqual(["pingreq", "publish", "pingreq", "pingreq"]);
  });

  it("keeps the order when a listener calls parse", () => {
    const subject = parser();
    const heard: string[] = [];
    subject.on("packet", ({ cmd }) => {
      heard.push(cmd);
      if (cmd === "pingreq") subject.parse(Buffer.from(wire`e0 00`));
    });
    subject.parse(Buffer.concat([PINGREQ, PUBLISH]));
    expect(heard).toEqual(["pingreq", "publish", "disconnect"]);
  });

  it("adds the options of bridges to what a bridge subscribes to", () => {
    const bridge = wire`10 0d  0004 4d515454 84 02 003c  0001 62`;
    const subject = parser();
    const found: unknown[] = [];
    subject.on("packet", (packet) => found.push(packet));
    subject.parse(Buffer.concat([bridge, wire`82 06  0001  0001 61 01`]));
    expect(found[0]).toMatchObject({ bridgeMode: true, protocolVersion: 4 });
    expect(found[1]).toMatchObject({
      subscriptions: [{ topic: "a", qos: 1, rh: 0, rap: true, nl: true }],
    });
  });

  it("[MQTT-3.1.2-2] hands on a CONNECT of MQTT 5, so that a broker can answer code 1", () => {
    const { parse, heard, parser: subject } = listen();
    const found: unknown[] = [];
    subject.on("packet", (packet) => found.push(packet));
    parse(CONNECT_5);
    expect(heard).toEqual(["connect"]);
    expect(found[0]).toMatchObject({
      protocolVersion: 5,
      clean: true,
      keepalive: 60,
      clientId: "",
    });
  });

  it("reads nothing behind a CONNECT of MQTT 5: the broker's answer ends the connection", () => {
    const { parse, heard } = listen();
    const subscribe5 = wire`82 07  0001 00  0001 61 01`;
    expect(parse(CONNECT_5, subscribe5)).toBe(0);
    expect(parse(subscribe5, wire`30`)).toBe(0);
    expect(parse(PINGREQ)).toBe(0);
    expect(heard).toEqual(["connect"]);
  });

  it("leaves level and name of a CONNECT to the broker, as far as the original does", () => {
    const { parse, heard } = listen();
    parse(
      wire`10 0c  0004 4d515454 03 02 003c  0000`,
      wire`10 0e  0006 4d5149736470 04 02 003c  0000`,
    );
    expect(heard).toEqual(["connect", "connect"]);
    parse(wire`10 0c  0004 4d515454 06 02 003c  0000`);
    expect(heard[2]).toBe("Invalid protocol version");
  });

  it("explains what is wrong behind such a level, too", () => {
    const { parse, heard } = listen();
    parse(wire`10 0c  0004 4d515454 03 03 003c  0000`);
    expect(heard).toEqual(["Connect flag bit 0 must be 0, but got 1"]);
  });

  it("leaves a reserved return code of a CONNACK to the client, as brokers send some", () => {
    const subject = parser();
    const found: unknown[] = [];
    subject.on("packet", (packet) => found.push(packet));
    subject.parse(Buffer.concat([wire`20 02 00 06`, PINGREQ]));
    expect(found[0]).toMatchObject({ cmd: "connack", returnCode: 6, sessionPresent: false });
    expect(found[1]).toMatchObject({ cmd: "pingreq" });
    expect(() => subject.parse(Buffer.from(wire`20 02 01 06`))).toThrow("a CONNACK return code");
  });

  it("lets control characters pass, which the standard only advises against", () => {
    const { parse, heard } = listen();
    parse(wire`30 03  0001 07`);
    expect(heard).toEqual(["publish"]);
  });

  it("shares no byte of a payload that it had to put together with one that comes later", () => {
    const subject = parser();
    const payloads: Buffer[] = [];
    subject.on("packet", (packet) => {
      if (packet.cmd === "publish") payloads.push(packet.payload as Buffer);
    });
    for (const letter of ["x", "y", "z"]) {
      const packet = Buffer.from(wire`30 06  0001 61  ${letter.repeat(3)}`);
      subject.parse(packet.subarray(0, 5));
      subject.parse(packet.subarray(5));
    }
    expect(payloads.map(String)).toEqual(["xxx", "yyy", "zzz"]);
  });

  it("takes linear time for a packet of 1 MiB that comes byte by byte", { timeout: 60_000 }, () => {
    const { parser: subject, heard } = listen();
    const length = 1_048_576;
    subject.parse(Buffer.from(wire`30 83 80 40  0001 61`));
    const byte = Buffer.of(7);
    for (let left = length; left > 0; left--) subject.parse(byte);
    expect(heard).toEqual(["publish"]);
  });
});
