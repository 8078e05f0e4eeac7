import { Unmet } from "./outcome.js";
import { join, type PublishOptions, publish } from "./packets.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const PACKET_NAMES = [
  ...["type 0", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"],
  ...["SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT"],
  "type 15",
];
/** First byte and Remaining Length of the packets a Server may send, PUBLISH and SUBACK apart. */
const FIXED_HEADERS = new Map([
  [0x20, 2],
  [0x40, 2],
  [0x50, 2],
  [0x62, 2],
  [0x70, 2],
  [0xb0, 2],
  [0xd0, 0],
]);

/** A PUBLISH that came from the broker. */
export interface ReceivedPublish {
  readonly dup: boolean;
  readonly qos: number;
  readonly retain: boolean;
  readonly topicName: string;
  /** 0 at QoS 0. */
  readonly packetId: number;
  readonly payload: Uint8Array;
}

/** A PUBLISH the broker has to send; flags not named have to be off. */
export type ExpectedPublish = Omit<PublishOptions, "dup"> & {
  /** `"either"` in cases about something else than DUP. */
  readonly dup?: boolean | "either";
};

/**
 * Cuts a byte stream into packets.
 *
 * The cost is linear in the bytes received: what is left over is moved only when a chunk comes.
 */
export class PacketSplitter {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Bytes received that are not a whole packet yet. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  push(chunk: Uint8Array): void {
    this.#bytes = this.#at === this.#bytes.length ? chunk : join(this.rest, chunk);
    this.#at = 0;
  }

  /** The next whole packet, or `undefined` while it has not arrived. */
  next(): Uint8Array | undefined {
    const rest = this.rest;
    let size = 0;
    for (let digits = 0; ; digits++) {
      const byte = rest[1 + digits];
      if (byte === undefined) return undefined;
      if (digits === 4) throw new Unmet("the broker sent a Remaining Length of five bytes");
      size += (byte & 0x7f) * 128 ** digits;
      if (byte < 0x80) {
        const end = 2 + digits + size;
        if (rest.length < end) return undefined;
        this.#at += end;
        return rest.subarray(0, end);
      }
    }
  }
}

/** The Control Packet type: the high four bits of the first byte. */
export function typeOf(packet: Uint8Array): number {
  return (packet[0] ?? 0) >> 4;
}

/** The Packet Identifier of an acknowledgement. */
export function packetIdOf(packet: Uint8Array): number {
  const at = headerSize(packet);
  return ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
}

/** Where the variable header starts: behind the first byte and the Remaining Length. */
export function headerSize(packet: Uint8Array): number {
  let at = 1;
  while ((packet[at] ?? 0) >= 0x80) at++;
  return at + 1;
}

/** The fields of a PUBLISH, or `undefined` for any other packet. */
export function readPublish(packet: Uint8Array): ReceivedPublish | undefined {
  if (typeOf(packet) !== 3) return undefined;
  const flags = packet[0] ?? 0;
  const qos = (flags >> 1) & 3;
  const topicAt = headerSize(packet) + 2;
  const topicEnd = topicAt + packetIdOf(packet);
  const payloadAt = qos > 0 ? topicEnd + 2 : topicEnd;
  if (payloadAt > packet.length) throw new Unmet(`the broker sent half a PUBLISH: ${dump(packet)}`);
  return {
    dup: (flags & 8) !== 0,
    qos,
    retain: (flags & 1) !== 0,
    topicName: decoder.decode(packet.subarray(topicAt, topicEnd)),
    packetId: qos > 0 ? ((packet[topicEnd] ?? 0) << 8) | (packet[topicEnd + 1] ?? 0) : 0,
    payload: packet.subarray(payloadAt),
  };
}

/**
 * Holds every packet a broker sends, in whatever case, to the layout of the standard.
 *
 * @throws {@link Unmet} naming the statement.
 */
export function checkLayout(packet: Uint8Array): void {
  const first = packet[0] ?? 0;
  const size = packet.length - headerSize(packet);
  if (typeOf(packet) === 3) checkPublish(packet);
  else if (first === 0x90) checkSuback(packet);
  else if (FIXED_HEADERS.get(first) !== size) {
    throw new Unmet(`no Server may send this packet [MQTT-2.2.2-1]: ${describePacket(packet)}`);
  }
  if (first === 0x20) checkConnack(packet);
  const withIdentifier = size === 2 && first !== 0x20 && typeOf(packet) !== 3;
  if (withIdentifier && packetIdOf(packet) === 0) {
    throw new Unmet(`the Packet Identifier is 0: ${describePacket(packet)}`);
  }
}

function checkPublish(packet: Uint8Array): void {
  const { qos, dup, topicName, packetId } = readPublish(packet) as ReceivedPublish;
  if (qos === 3) throw new Unmet("the broker sent a PUBLISH with QoS 3 [MQTT-3.3.1-4]");
  if (qos === 0 && dup) throw new Unmet("the broker set DUP on QoS 0 [MQTT-3.3.1-2]");
  if (qos > 0 && packetId === 0) throw new Unmet("a PUBLISH came with id 0 [MQTT-2.3.1-4]");
  if (topicName === "" || /[+#\0]/.test(topicName)) {
    throw new Unmet(
      `a PUBLISH came with the Topic Name ${JSON.stringify(topicName)} [MQTT-3.3.2-2]`,
    );
  }
}

function checkSuback(packet: Uint8Array): void {
  const codes = packet.subarray(headerSize(packet) + 2);
  if (codes.length === 0) throw new Unmet("the broker sent a SUBACK without return code");
  for (const code of codes) {
    if (code > 2 && code !== 0x80) {
      throw new Unmet(`the broker sent a reserved SUBACK code [MQTT-3.9.3-2]: ${dump(packet)}`);
    }
  }
}

function checkConnack(packet: Uint8Array): void {
  const [, , flags = 0, code = 0] = packet;
  if (flags > 1) throw new Unmet(`reserved CONNACK flags are set [§3.2.2.1]: ${dump(packet)}`);
  if (code > 5) throw new Unmet(`the CONNACK code is reserved [§3.2.2.3]: ${dump(packet)}`);
  if (code > 0 && flags > 0) {
    throw new Unmet(`a refusal reports a Session [MQTT-3.2.2-4]: ${dump(packet)}`);
  }
}

/** One line for a person: the packet's name, its fields where it is a PUBLISH, its first bytes. */
export function describePacket(packet: Uint8Array): string {
  const name = PACKET_NAMES[typeOf(packet)];
  const published = readPublish(packet);
  if (published === undefined) return `${name} (${dump(packet)})`;
  const { qos, dup, retain, packetId, topicName, payload } = published;
  const flags = `${dup ? " DUP" : ""}${retain ? " RETAIN" : ""}`;
  const topic = topicName.length > 60 ? `${topicName.slice(0, 60)}…` : topicName;
  return `PUBLISH QoS ${qos}${flags} id ${packetId} ${JSON.stringify(topic)} ${payload.length} B "${preview(payload)}"`;
}

/** Spaced hex of at most 24 bytes. */
export function dump(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, 24), (byte) => byte.toString(16).padStart(2, "0"));
  return `${digits.join(" ")}${bytes.length > 24 ? ` … ${bytes.length} bytes` : ""}`;
}

function preview(payload: Uint8Array): string {
  const text = Array.from(payload.subarray(0, 32), (byte) =>
    byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : ".",
  );
  return text.join("");
}

/** Whether two packets are the same bytes. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** The PUBLISH that is expected, with the identifier and DUP that came where any will do. */
export function wantedBytes(
  expected: ExpectedPublish,
  received: ReceivedPublish | undefined,
): Uint8Array {
  const { dup: wantedDup = false, packetId = received?.packetId ?? 1, ...rest } = expected;
  const dup = wantedDup === "either" ? (received?.dup ?? false) : wantedDup;
  return publish({ ...rest, packetId, dup });
}
