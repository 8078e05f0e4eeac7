import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/codec/index.js";
import { parser } from "../../src/compat/mqtt-packet.js";
import { packetSize } from "../../src/compat/packet-size.js";
import { nearMiss, wrongPacket } from "../reference/near-misses.js";
import { chunkSizes, concat, cut, packet } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";

interface Heard {
  /** The packets, as JSON: the order of the fields counts, and which of them are there. */
  readonly packets: readonly string[];
  readonly error: string | undefined;
  /** What each `parse` returned. */
  readonly left: readonly number[];
}

type MakeParser = (options?: object) => ReturnType<typeof parser>;
const original = mqttPacket.parser as unknown as MakeParser;

function hear(make: MakeParser, chunks: readonly Uint8Array[], options?: object): Heard {
  const subject = make(options);
  const packets: string[] = [];
  let error: string | undefined;
  subject.on("packet", (found) => packets.push(JSON.stringify(found)));
  subject.on("error", (found: Error) => {
    error = found.message;
  });
  const left: number[] = [];
  for (const chunk of chunks) {
    if (error === undefined) left.push(subject.parse(Buffer.from(chunk)));
  }
  return { packets, error, left };
}

const options = fc.constantFrom(
  undefined,
  {},
  { protocolVersion: 4 },
  { protocolVersion: 3 },
  { protocolVersion: 4, bridgeMode: true },
);

describe("the parser and that of mqtt-packet", () => {
  test("emit the same packets, field by field, and return the same, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 6 }),
        chunkSizes,
        options,
        (sent, sizes, chosen) => {
          const chunks = cut(concat(sent.map(encode)), sizes);
          expect(hear(parser as MakeParser, chunks, chosen)).toEqual(
            hear(original, chunks, chosen),
          );
        },
      ),
      { numRuns: roundsOf(1000) },
    );
  });

  test("emit the same packet for any kind of payload view and of chunk", () => {
    const streams = fc.array(packet, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(streams, (sent) => {
        const bytes = concat(sent.map(encode));
        const heard: Buffer[] = [];
        const subject = parser();
        subject.on("packet", (found) => {
          if (found.cmd !== "publish") return;
          expect(found.payload).toBeInstanceOf(Buffer);
          heard.push(found.payload as Buffer);
        });
        subject.parse(new Uint8Array(bytes) as Buffer);
        const expected = sent.flatMap((each) => ("payload" in each ? [each.payload] : []));
        expect(heard).toEqual(expected.map((payload) => Buffer.from(payload)));
      }),
    );
  });

  test("say the same about a packet that both refuse", () => {
    // One packet a stream: the original reads past the end of one into the next.
    const single = wrongPacket.filter(
      (stream) =>
        packetSize(Buffer.from(stream), 0, stream.length) === stream.length && !isMqtt5(stream),
    );
    fc.assert(
      fc.property(single, options, (stream, chosen) => {
        const ours = hear(parser as MakeParser, [stream], chosen);
        const theirs = hear(original, [stream], chosen);
        if (theirs.error !== undefined) expect(ours).toEqual(theirs);
      }),
      { numRuns: roundsOf(6000) },
    );
  });

  test("refuse, if not with the same words, whatever the original refuses", () => {
    fc.assert(
      fc.property(nearMiss, options, (stream, chosen) => {
        if (hear(original, [stream], chosen).error === undefined) return;
        expect(hear(parser as MakeParser, [stream], chosen).error).toBeDefined();
      }),
      { numRuns: roundsOf(3000) },
    );
  });

  test("agree on what ours lets pass", () => {
    fc.assert(
      fc.property(nearMiss, (stream) => {
        const ours = hear(parser as MakeParser, [stream]);
        const theirs = hear(original, [stream]);
        expect(ours.packets).toEqual(theirs.packets.slice(0, ours.packets.length));
        if (ours.error === undefined) expect(theirs).toEqual(ours);
      }),
      { numRuns: roundsOf(4000) },
    );
  });
});

/** A CONNECT that may be one of MQTT 5, which has sentences of its own. */
function isMqtt5(stream: Uint8Array): boolean {
  const front = stream.subarray(0, 16);
  return stream[0] === 0x10 && (front.includes(5) || front.includes(0x85));
}
