import { describe, expect, it } from "vitest";
import { FieldWriter } from "../../src/cluster/byte-fields.js";
import {
  encodeRetainedRecord,
  isUnreadable,
  RetainedReader,
  recordBytes,
} from "../../src/cluster/retained-record.js";
import { Message } from "../../src/session/message.js";
import { authorOf, RetainedMessage } from "../../src/session/retained-message.js";
import { bytesOf, textOf } from "../support/harness.js";

const AUTHOR = {
  clientId: "é",
  username: "u",
  remoteAddress: "127.0.0.1:1",
  listener: undefined,
  certificate: undefined,
};

function message(topicName: string, payload: string, qos: 0 | 1 | 2, author?: typeof AUTHOR) {
  const block = bytesOf(`..${payload}..`);
  const fields = [topicName, bytesOf(topicName), block, 2, block.length - 2, qos] as const;
  return author === undefined ? new Message(...fields) : new RetainedMessage(author, ...fields);
}

const read = (bytes: Uint8Array) => new RetainedReader().read(bytes);

describe("a record of a retained message", () => {
  it.each([0, 1, 2] as const)("brings topic, payload and QoS %i back", (qos) => {
    const given = message("a/ü", "päyload", qos);
    const bytes = encodeRetainedRecord({ topicName: "a/ü", message: given });
    expect(recordBytes(given) - bytes.length).toBe(4); // room for the author's length
    const { topicName, message: found } = read(bytes);
    bytes.fill(0); // it keeps nothing of it
    expect(topicName).toBe("a/ü");
    expect([found?.topicName, textOf(found?.payload as Uint8Array), found?.qos]).toEqual([
      "a/ü",
      "päyload",
      qos,
    ]);
    expect(textOf(found?.topic as Uint8Array)).toBe("a/ü");
  });

  it("[H04] brings the author back, one object for all that one has written in a row", () => {
    const given = message("t", "x", 1, AUTHOR);
    const bytes = encodeRetainedRecord({ topicName: "t", message: given });
    expect(bytes.length).toBeLessThanOrEqual(recordBytes(given));
    const reader = new RetainedReader();
    const [one, other] = [reader.read(bytes), reader.read(bytes)].map(
      ({ message: found }) => found && authorOf(found),
    );
    expect(one).toEqual({ clientId: "é", username: "u", remoteAddress: "127.0.0.1:1" });
    expect(other).toBe(one);
  });

  it("says that there is none, and may stand for no topic", () => {
    for (const topicName of ["t", ""]) {
      const bytes = encodeRetainedRecord({ topicName, message: undefined });
      expect(read(bytes)).toEqual({ topicName, message: undefined });
    }
  });

  it("[L03] is not read when it is another's, damaged or of another version", () => {
    const good = encodeRetainedRecord({ topicName: "t", message: message("t", "x", 1, AUTHOR) });
    const other = (change: (bytes: Uint8Array) => void) => {
      const bytes = good.slice();
      change(bytes);
      return bytes;
    };
    const withTopic = (topic: Uint8Array) =>
      new FieldWriter().mark(0x424c52, 1).u8(0).u32(topic.length).raw(topic).bytes;
    const wrong = [
      bytesOf("hello, this is somebody else"),
      new Uint8Array(),
      other((bytes) => bytes.set([2], 3)), // version
      other((bytes) => bytes.set([0x43], 4)), // QoS 3, with an author
      other((bytes) => bytes.set([0x21], 9)), // the author
      good.subarray(0, 12),
      good.subarray(0, good.length - 3),
      withTopic(bytesOf("a/#")),
      withTopic(Uint8Array.of(0xff)),
      new FieldWriter().mark(0x424c52, 1).u8(0x40).text("7").u32(0).bytes,
    ];
    for (const bytes of wrong) {
      let error: unknown;
      try {
        read(bytes);
      } catch (thrown) {
        error = thrown;
      }
      expect(isUnreadable(error)).toBe(true);
    }
    expect(isUnreadable(new Error("of another kind"))).toBe(false);
  });
});
