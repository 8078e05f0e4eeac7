import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { encode, PacketReader } from "../../src/codec/index.js";
import { PacketType } from "../../src/protocol/packet-type.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A reader that has read a CONNECT with a password, which is a view of the chunk it came in. */
function afterConnect(): { reader: PacketReader; chunk: WeakRef<ArrayBufferLike> } {
  const connect = encode({
    type: PacketType.CONNECT,
    ...{ protocolName: "MQTT", protocolLevel: 4, bridge: false, cleanSession: true },
    ...{ keepAliveSeconds: 60, clientId: "c", will: undefined, username: "u" },
    password: new Uint8Array(8),
  });
  const chunk = new Uint8Array(64 * 1024);
  chunk.set(connect);
  const reader = new PacketReader();
  reader.push(chunk.subarray(0, connect.length));
  expect(reader.advance()).toBe(true);
  expect(reader.packet()).toMatchObject({ clientId: "c", password: new Uint8Array(8) });
  expect(reader.advance()).toBe(false);
  return { reader, chunk: new WeakRef(chunk.buffer) };
}

it("an idle reader holds neither the CONNECT it has read nor the chunk that came in", async () => {
  const { reader, chunk } = afterConnect();
  await new Promise(setImmediate); // a WeakRef holds what it refers to until the end of a job
  collect();
  expect(chunk.deref()).toBeUndefined();
  expect(() => reader.packet()).toThrow("there is no packet"); // it is still there itself
});
