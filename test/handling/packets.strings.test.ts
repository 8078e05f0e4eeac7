import { describe, expect, it } from "vitest";
import { encode, type ViolationCode } from "../../src/engine.js";
import { Attack } from "../support/attack.js";
import { connectPacket, Harness, type Peer, textOf } from "../support/harness.js";
import { hex, wire } from "../support/wire.js";

/** A string field as the wire has it: its length, then its bytes. */
function field(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(bytes.length >> 8, bytes.length & 0xff, ...bytes);
}

function packet(first: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = parts.flatMap((part) => [...part]);
  return Uint8Array.of(first, body.length, ...body);
}

const HEADER = wire`0004 4d515454 04`;
const a = field(wire`61`);

/** Every string field a Client can send, each in a packet that is right but for that string. */
const FIELDS: readonly {
  readonly name: string;
  readonly isConnect: boolean;
  readonly of: (text: Uint8Array) => Uint8Array;
}[] = [
  {
    name: "Client Identifier",
    isConnect: true,
    of: (text) => packet(0x10, HEADER, wire`02 0000`, field(text)),
  },
  {
    name: "Will Topic",
    isConnect: true,
    of: (text) => packet(0x10, HEADER, wire`06 0000`, a, field(text), a),
  },
  {
    name: "user name",
    isConnect: true,
    of: (text) => packet(0x10, HEADER, wire`82 0000`, a, field(text)),
  },
  { name: "Topic Name", isConnect: false, of: (text) => packet(0x30, field(text)) },
  {
    name: "Topic Filter of a SUBSCRIBE",
    isConnect: false,
    of: (text) => packet(0x82, wire`0001`, field(text), wire`00`),
  },
  {
    name: "Topic Filter of an UNSUBSCRIBE",
    isConnect: false,
    of: (text) => packet(0xa2, wire`0001`, field(text)),
  },
];

const ILL_FORMED: readonly (readonly [sort: string, Uint8Array])[] = [
  ["[C01] a byte that is never UTF-8", wire`61 ff 62`],
  ["[C01] a continuation byte alone", wire`80`],
  ["[C01] an overlong NUL", wire`c0 80`],
  ["[C01] an overlong slash", wire`c0 af`],
  ["[C01] an overlong form of three bytes", wire`e0 80 80`],
  ["[C01] an overlong form of four bytes", wire`f0 80 80 80`],
  ["[C02] the first high surrogate", wire`ed a0 80`],
  ["[C02] the last low surrogate", wire`ed bf bf`],
  ["[C02] a pair of surrogates", wire`ed a0 80 ed b0 80`],
  ["[C03] beyond U+10FFFF", wire`f4 90 80 80`],
  ["[C03] a form of five bytes", wire`f8 88 80 80 80`],
  ["[C03] a form of six bytes", wire`fd bf bf bf bf bf`],
  ["[C05] a sequence cut off by the end of the field", wire`61 e2 82`],
];

/** Sends one field's packet over a fresh connection. */
function refused(name: string, bytes: Uint8Array, code: ViolationCode): void {
  const target = FIELDS.find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no field ${name}`);
  const attack = new Attack();
  const attacker = target.isConnect ? attack.open() : attack.connect();
  attacker.send(target.of(bytes));
  expect(attacker.bytes()).toHaveLength(0);
  attack.expectRefused(attacker, code);
}

describe.each(FIELDS.map(({ name }) => name))("the %s", (name) => {
  it.each(ILL_FORMED)("%s is refused, never repaired [M11] [MQTT-1.5.3-1]", (_, bytes) => {
    refused(name, bytes, "ill-formed-utf8");
  });

  it("[C04] [M11] [MQTT-1.5.3-2] U+0000 is refused", () => {
    refused(name, wire`61 00 62`, "null-character");
  });

  it.each([
    ["U+0001", wire`01`],
    ["U+001F", wire`61 1f`],
    ["U+007F", wire`7f`],
    ["U+0085", wire`c2 85`],
    ["U+FDD0", wire`ef b7 90`],
    ["U+FFFE", wire`ef bf be`],
    ["U+10FFFF", wire`f4 8f bf bf`],
  ])("[C06] [M11] %s is refused", (_, bytes) => {
    refused(name, bytes, "disallowed-character");
  });
});

describe("the switch for control characters and noncharacters", () => {
  const odd = wire`01 7f c285 efb790 efbfbf`;

  it.each(FIELDS.map(({ name }) => name))("[C06] [M11] accepts them in the %s", (name) => {
    const target = FIELDS.find((candidate) => candidate.name === name);
    const attack = new Attack({ controlCharacters: "accept" });
    const client = target?.isConnect ? attack.open() : attack.connect();
    client.send(target?.of(odd) ?? odd);
    expect(client.isClosed).toBe(false);
    expect([...attack.harness.broker.stats.violations]).toEqual([]);
    attack.witness.bytes();
    attack.expectUnharmed();
  });

  it("[C06] [M11] passes them on unchanged, and U+0000 is still refused", () => {
    const harness = new Harness({ controlCharacters: "accept" });
    const client = harness.connect();
    client.send(packet(0x82, wire`0001`, field(odd), wire`00`));
    client.bytes();
    client.send(packet(0x30, field(odd), wire`78`));
    expect(hex(client.bytes())).toBe(hex(packet(0x30, field(odd), wire`78`)));
    client.send(packet(0x30, field(wire`61 00`)));
    expect(client.isClosed).toBe(true); // no matter of taste [MQTT-1.5.3-2]
  });
});

describe("what is well-formed stays as it is", () => {
  const seenBy = (client: Peer): string[] => client.publishes().map(({ topicName }) => topicName);

  it("[C07] [M11] [MQTT-1.5.3-3] U+FEFF is kept where it stands, and tells topics apart", () => {
    const harness = new Harness();
    const client = harness.connect({ clientId: "\ufeffa" });
    expect(harness.broker.identityOf("\ufeffa")).toBeDefined();
    expect(harness.broker.identityOf("a")).toBeUndefined();
    client.subscribe("\ufefft", "u\ufeff");
    for (const topicName of ["t", "\ufefft", "u", "u\ufeff"]) client.publish(topicName);
    expect(seenBy(client)).toEqual(["\ufefft", "u\ufeff"]);
    client.publish("\ufefft");
    expect(hex(client.bytes())).toContain("ef bb bf 74");
  });

  it("[C08] [MQTT-4.7.3-4] composed and decomposed, upper and lower case are different topics", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("caf\u00e9", "A", "\uff21");
    for (const topicName of ["caf\u00e9", "cafe\u0301", "a", "A", "\uff21"]) {
      client.publish(topicName);
    }
    expect(seenBy(client)).toEqual(["caf\u00e9", "A", "\uff21"]);
  });

  it("[C11] words of the language are ordinary levels, filters and user names", () => {
    const harness = new Harness();
    const words = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
    const client = harness.connect({ clientId: "A", username: "__proto__" });
    for (const word of words) client.subscribe(word, `${word}/+`, `x/${word}/#`);
    for (const word of words) {
      client.publish(word, "1", { retain: true });
      client.publish(`${word}/constructor`, "2");
      client.publish(`x/${word}/y`, "3");
    }
    expect(client.payloads()).toEqual(words.flatMap(() => ["1", "2", "3"]));
    expect(harness.broker.gauges.retained).toBe(words.length);
    client.unsubscribe(...words);
    client.publish("__proto__", "4");
    expect(client.payloads()).toEqual([]);
  });

  it("[C15] a hundred thousand levels and identifiers alike cost no more at the end", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    const receiver = harness.connect({ clientId: "A" });
    for (let at = 0; at < 2_000; at += 1) {
      // Java's well-known colliding pair: "Aa" and "BB" in every combination.
      const word = Array.from({ length: 11 }, (_, bit) => ((at >> bit) & 1 ? "Aa" : "BB")).join("");
      receiver.subscribe(word);
      sender.publish(word, word);
    }
    const texts = receiver.publishes().map(({ payload }) => textOf(payload));
    expect(new Set(texts).size).toBe(2_000);
  });

  it("[C14] identifiers with line breaks, escapes or markup are refused or exactly themselves", () => {
    const harness = new Harness();
    for (const clientId of ["%s%n", "<b>", "\u202egnp.exe", "a\u2028b"]) {
      harness.connect({ clientId });
      expect(harness.broker.identityOf(clientId)?.clientId).toBe(clientId);
    }
    for (const clientId of ["a\r\nb", "\u001b[2J"]) {
      const peer = harness.open();
      const bytes = encode(connectPacket({ clientId: "x".repeat(clientId.length) }));
      bytes.set(new TextEncoder().encode(clientId), bytes.length - clientId.length);
      peer.send(bytes);
      expect(peer.isClosed).toBe(true);
    }
    expect([...harness.broker.stats.violations.keys()]).toEqual(["disallowed-character"]);
  });
});
