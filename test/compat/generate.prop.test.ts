import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/codec/index.js";
import { generate, parser } from "../../src/compat/mqtt-packet.js";
import type { Packet } from "../../src/compat/packet-types.js";
import { isWritableByOriginal, translated } from "../reference/mqtt-packet-words.js";
import { nearMiss } from "../reference/near-misses.js";
import { concat, packet } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";

/** A packet as programs hand it over. */
const asked = packet
  .filter(isWritableByOriginal)
  .map((sent) => translated(sent) as never as Packet);

/** The same packet with its Buffers as strings or its strings as Buffers, as both may be given. */
function otherForms(given: Packet): Packet {
  const swapped: Record<string, unknown> = { ...given };
  for (const field of ["payload", "topic", "clientId", "username", "password"]) {
    const value = swapped[field];
    if (typeof value === "string" && given.cmd !== "subscribe") swapped[field] = Buffer.from(value);
    else if (Buffer.isBuffer(value)) swapped[field] = value.toString("latin1");
  }
  return swapped as never;
}

describe("generate and that of mqtt-packet", () => {
  test("write the same bytes", () => {
    fc.assert(
      fc.property(asked, (given) => {
        expect(generate(given).toString("hex")).toBe(mqttPacket.generate(given).toString("hex"));
      }),
      { numRuns: roundsOf(1500) },
    );
  });

  test("write the same bytes for strings given as Buffers and the other way round", () => {
    fc.assert(
      fc.property(asked, (given) => {
        const other = otherForms(given);
        const expected = mqttPacket.generate(other).toString("hex");
        expect(generate(other).toString("hex")).toBe(expected);
      }),
      { numRuns: roundsOf(1000) },
    );
  });
});

describe("generate and the parser", () => {
  test("what came in can go out: a broker that passes it on closes nobody's connection", () => {
    const streams = fc.oneof(
      nearMiss,
      fc.array(packet, { maxLength: 3 }).map((sent) => concat(sent.map(encode))),
    );
    fc.assert(
      fc.property(streams, (stream) => {
        const subject = parser();
        subject.on("error", () => undefined);
        let settings: object = {};
        subject.on("packet", (found) => {
          if (found.cmd === "connect") {
            settings = found; // it goes to nobody
            return;
          }
          const { length: _, ...rest } = found as never as Record<string, unknown>;
          const again = parser(settings);
          again.on("packet", ({ length: __, ...same }) => expect(same).toEqual(rest));
          expect(again.parse(generate(found))).toBe(0);
        });
        subject.parse(Buffer.from(stream));
      }),
      { numRuns: roundsOf(3000) },
    );
  });
});
