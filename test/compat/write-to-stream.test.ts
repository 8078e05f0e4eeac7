import { once } from "node:events";
import { Writable } from "node:stream";
import original from "mqtt-packet";
import { describe, expect, it } from "vitest";
import type { Packet } from "../../src/compat/packet-types.js";
import { writeToStream } from "../../src/compat/write-to-stream.js";

/** A stream that notes what its transport is handed, all that was corked in one list. */
function listening(): { stream: Writable; batches: string[][] } {
  const batches: string[][] = [];
  const stream = new Writable({
    writev(chunks, done) {
      batches.push(chunks.map(({ chunk }) => chunk.toString("hex")));
      done();
    },
  });
  return { stream, batches };
}

const pingreq: Packet = { cmd: "pingreq" };

function publish(payload: string | Buffer): Packet {
  return { cmd: "publish", topic: "a", payload, qos: 0, dup: false, retain: false };
}

describe("writeToStream", () => {
  it("sends all packets of one go in one go, on the next tick", async () => {
    const { stream, batches } = listening();
    writeToStream(pingreq, stream);
    writeToStream(publish("x"), stream);
    writeToStream(pingreq, stream);
    expect(batches).toEqual([]);
    await new Promise(process.nextTick);
    expect(batches).toEqual([["c000", "300400016178", "c000"]]);
    expect(stream.writableCorked).toBe(0);
  });

  it("corks a stream once for each packet, as the original does", async () => {
    for (const write of [writeToStream, original.writeToStream]) {
      const { stream } = listening();
      write(pingreq, stream);
      write(pingreq, stream);
      expect(stream.writableCorked).toBe(2);
      await new Promise(process.nextTick);
      expect(stream.writableCorked).toBe(0);
    }
  });

  it("does without cork where there is none", () => {
    const written: unknown[] = [];
    const write = (bytes: unknown) => written.push(bytes) > 0;
    expect(writeToStream(pingreq, { write } as never)).toBe(true);
    expect(written).toEqual([Buffer.of(0xc0, 0)]);
  });

  it("hands a large payload on without copying it", () => {
    const payload = Buffer.alloc(3000);
    const written: unknown[] = [];
    writeToStream(publish(payload), { write: (bytes: unknown) => written.push(bytes) } as never);
    expect(written[1]).toBe(payload);
    expect(written).toHaveLength(2);
  });

  it("returns what the last write returns", () => {
    const answers = [true, false];
    const stream = { write: () => answers.shift() };
    expect(writeToStream(publish(Buffer.alloc(3000)), stream as never)).toBe(false);
  });

  it("destroys the stream with the error when the packet is bad, and returns false", async () => {
    for (const write of [writeToStream, original.writeToStream]) {
      const { stream, batches } = listening();
      const failed = once(stream, "error");
      expect(write({ cmd: "puback" }, stream)).toBe(false);
      expect(stream.destroyed).toBe(true);
      const [error] = await failed;
      expect(error.message).toBe("Invalid messageId");
      expect(batches).toEqual([]);
    }
  });

  it("leaves other exceptions to the caller", () => {
    const write = () => {
      throw new RangeError("of the stream");
    };
    expect(() => writeToStream(pingreq, { write } as never)).toThrow("of the stream");
  });
});
