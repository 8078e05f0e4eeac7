import { writeConnack } from "../../src/codec/raw.js";
import {
  encode,
  encodedLength,
  type Packet,
  PacketReader,
  type PacketReaderOptions,
  PacketStream,
  PacketType,
  ProtocolError,
  UsageError,
} from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { connectPacket } from "../support/harness.js";

/** How long a packet is that is not written: also one of many MiB, up to the longest there may be. */
export function measure(dice: Random): string | undefined {
  const length = dice.pick([
    0,
    100,
    200,
    16_000,
    17_000,
    2_000_000,
    2_100_000,
    LONGEST,
    LONGEST + 1,
  ]);
  const payload = new Uint8Array(hugeMemory(), 0, length);
  const packet = { type: PacketType.PUBLISH, topicName: "a/b", payload } as const;
  const remainingLength = 2 + 3 + length;
  let told: number | undefined;
  try {
    told = encodedLength(packet);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  const digits = Math.max(1, Math.ceil(Math.log2(remainingLength + 1) / 7));
  const wanted = length > LONGEST ? undefined : 1 + digits + remainingLength;
  return told === wanted ? undefined : `[14] ${length} bytes: ${told} and ${wanted}`;
}

/** Bytes of payload behind a topic of three, in the longest packet. §2.2.3 */
const LONGEST = 268_435_455 - 2 - 3;
let huge: ArrayBuffer | undefined;

/** As much as the longest packet has, made once: nobody writes to it, so that it takes no memory. */
function hugeMemory(): ArrayBuffer {
  huge ??= new ArrayBuffer(LONGEST + 1);
  return huge;
}

/** Where a chunk ends means nothing: the same packets come, or the same complaint. */
export function readInPieces(dice: Random): string | undefined {
  const options = dice.pick<PacketReaderOptions>([
    { sender: "server" },
    { sender: "client", firstPacketConnect: true, packetBytesMax: 300 },
    { sender: "client", firstPacketConnect: true, protocolLevel: dice.pick([3, 4]) },
    { protocolLevel: dice.pick([3, 4]) },
    { paddedLength: "refuse", dupAtQos0: "accept", controlCharacters: "accept" },
    { topicLevelsMax: 3, lazyPayload: true },
    Object.freeze({ sender: "either" } as const),
  ]);
  const bytes = Uint8Array.from(dice.pick(SAMPLES));
  if (dice.oneIn(2)) bytes[dice.below(bytes.length)] = dice.below(256);
  const whole = said(options, [bytes]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + dice.below(dice.oneIn(2) ? 3 : 200);
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  const split = said(options, pieces);
  return whole === split ? undefined : `[14] whole: ${whole}, in pieces: ${split}`;
}

/** What a reader makes of it, in words. */
function said(options: PacketReaderOptions, chunks: readonly Uint8Array[]): string {
  const words: string[] = [];
  const stream = new PacketStream(options);
  const reader = new PacketReader(options);
  try {
    for (const chunk of chunks) {
      stream.push(chunk);
      for (let next = stream.next(); next !== undefined; next = stream.next()) {
        words.push(JSON.stringify(next));
      }
    }
    for (const chunk of chunks) {
      reader.push(chunk);
      reader.push(new Uint8Array(0));
    }
    while (reader.advance()) {
      const packet = reader.packet();
      if (!("payload" in packet)) continue;
      const { payload } = packet;
      if (packet.payload !== payload) words.push("another payload the second time");
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    words.push(error.code);
    failsAgain(stream);
  }
  return words.join(" ");
}

/** After a violation nothing behind it is read. */
function failsAgain(stream: PacketStream): void {
  for (const attempt of [() => stream.push(new Uint8Array(1)), () => void stream.next()]) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
}

function connack(sessionPresent: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  writeConnack(bytes, 0, sessionPresent, 0);
  return bytes;
}

const MQISDP = [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70];
const CONNECT = connectPacket({
  clientId: "a client with a long name".repeat(20),
  username: "u",
  password: "p",
  will: { topicName: "w", qos: 2, retain: true },
});
const SAMPLES: readonly (readonly number[])[] = [
  encode({ type: PacketType.CONNACK, sessionPresent: true, returnCode: 0 }),
  encode({ type: PacketType.CONNACK, sessionPresent: false, returnCode: 5 }),
  encode({ type: PacketType.SUBACK, packetId: 7, returnCodes: [0, 1, 2, 128] }),
  encode({ type: PacketType.UNSUBACK, packetId: 7 }),
  encode(CONNECT),
  encode({ ...CONNECT, protocolLevel: 3, protocolName: "MQIsdp", clientId: "old" }),
  encode({ ...CONNECT, protocolLevel: 3, protocolName: "MQIsdp" }),
  encode({ ...CONNECT, clientId: "x", username: "u".repeat(400) }),
  encode(connectPacket({ clientId: "é漢\u{1f600}" })),
  encode({
    type: PacketType.SUBSCRIBE,
    packetId: 1,
    requests: [{ topicFilter: "a/+/#", requestedQos: 1 }],
  }),
  encode({ type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["a", "b/#"] }),
  encode({
    type: PacketType.PUBLISH,
    topicName: "a/b/c/d",
    payload: "x".repeat(500),
    qos: 1,
    packetId: 3,
  }),
  encode({ type: PacketType.PUBLISH, topicName: "é/漢/\u{1f600}", payload: "" }),
  connack(true),
  connack(false),
  // CONNACK, SUBACK and CONNECT with what may not be there.
  Uint8Array.of(0x20, 2, 2, 0),
  Uint8Array.of(0x20, 2, 0, 6),
  Uint8Array.of(0x20, 2, 1, 5),
  Uint8Array.of(0x90, 2, 0, 1),
  Uint8Array.of(0x90, 3, 0, 1, 7),
  Uint8Array.of(0x40, 2, 0, 0),
  Uint8Array.of(0x82, 6, 0, 0, 0, 1, 0x61, 0),
  Uint8Array.of(0x30, 5, 0, 2, 0xc0, 0x80, 1),
  Uint8Array.of(0x30, 6, 0, 4, 0xf4, 0x90, 0x80, 0x80),
  Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x42, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x1e, 0, 9, 0, 1, 0x78),
  // MQTT 3.1, where what flags announce may be missing: a password, and no user name.
  Uint8Array.of(0x10, 18, ...MQISDP, 3, 0x42, 0, 9, 0, 1, 0x78, 0, 1, 0x70),
  Uint8Array.of(0x10, 15, ...MQISDP, 3, 0xc2, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0xff, 0xff, 1, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x55, 4, 2, 0, 9, 0, 1, 0x78),
  Uint8Array.of(0x10, 0xff, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 0, 1, 0x78),
].map((bytes) => [...bytes, ...encode({ type: PacketType.PINGREQ } as Packet), ...bytes]);
