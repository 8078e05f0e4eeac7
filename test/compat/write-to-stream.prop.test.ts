import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { expect, test } from "vitest";
import type { Packet } from "../../src/compat/packet-types.js";
import { writeToStream } from "../../src/compat/write-to-stream.js";
import { isWritableByOriginal, translated } from "../reference/mqtt-packet-words.js";
import { packet } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";

/** A stream that has always the same answer, and what it was given. */
function fakeStream(answer: boolean) {
  const written: Buffer[] = [];
  const write = (bytes: Buffer | string) => {
    written.push(Buffer.from(bytes as string));
    return answer;
  };
  return { written, stream: { write } as never };
}

test("writeToStream and that of mqtt-packet write the same bytes and return the same", () => {
  const asked = packet
    .filter(isWritableByOriginal)
    .map((sent) => translated(sent) as never as Packet);
  fc.assert(
    fc.property(asked, fc.boolean(), (given, answer) => {
      const [ours, theirs] = [fakeStream(answer), fakeStream(answer)];
      const returned = writeToStream(given, ours.stream);
      expect(returned).toBe(mqttPacket.writeToStream(given, theirs.stream));
      expect(Buffer.concat(ours.written)).toEqual(Buffer.concat(theirs.written));
      expect(ours.written).toHaveLength(1);
    }),
    { numRuns: roundsOf(1500) },
  );
});
