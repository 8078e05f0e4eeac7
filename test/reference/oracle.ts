import {
  encode,
  encodedLength,
  type Packet,
  PacketReader,
  type PacketReaderOptions,
  PacketStream,
  PacketType,
  ProtocolError,
} from "../../src/codec/index.js";
import { hashBytes } from "../../src/codec/raw.js";
import { decodeStream, type Outcome } from "./decoder.js";

/**
 * What must hold for any bytes at all, in one function: the codec and the reference decoder agree,
 * nothing but `ProtocolError` is thrown, chunks make no difference, the in-place fields are those of
 * the objects, a stream that failed stays failed, and what was read can be written.
 *
 * @param cutAt - Where else the stream is cut into chunks: ascending offsets.
 * @returns What did not hold, in a sentence; `undefined` when all did.
 */
export function findFault(
  stream: Uint8Array,
  cutAt: readonly number[],
  options: PacketReaderOptions = {},
): string | undefined {
  try {
    const whole = decodeWith(stream, [], options);
    return (
      differsFromReference(whole, stream, options) ??
      differsInChunks(whole, stream, cutAt, options) ??
      differsInPlace(whole, stream, options) ??
      goesOnAfterViolation(whole, stream, options) ??
      cannotBeWritten(whole, options)
    );
  } catch (error) {
    return `something else than ProtocolError was thrown: ${String(error)}`;
  }
}

/**
 * The cheap parts of {@link findFault}: nothing but `ProtocolError` is thrown and, where asked for,
 * the two decoders agree.
 */
export function findQuickFault(
  stream: Uint8Array,
  options: PacketReaderOptions,
  compare: boolean,
): string | undefined {
  try {
    const whole = decodeWith(stream, [], options);
    return compare ? differsFromReference(whole, stream, options) : undefined;
  } catch (error) {
    return `something else than ProtocolError was thrown: ${String(error)}`;
  }
}

/** What the codec under test makes of a stream that comes in chunks cut at these offsets. */
export function decodeWith(
  stream: Uint8Array,
  cutAt: readonly number[],
  options: PacketReaderOptions = {},
): Outcome {
  const reader = new PacketStream(options);
  const packets: Packet[] = [];
  let from = 0;
  try {
    for (let index = 0; index <= cutAt.length; index++) {
      const to = cutAt[index] ?? stream.length;
      reader.push(from === 0 && to === stream.length ? stream : stream.slice(from, to));
      for (let packet = reader.next(); packet !== undefined; packet = reader.next()) {
        packets.push(packet);
      }
      from = to;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { packets, violation: { code: error.code, at: error.at }, bytesLeft: 0 };
  }
  return { packets, violation: undefined, bytesLeft: reader.bufferedBytes };
}

/** A stream that failed says so for ever, and holds on to nothing. */
function goesOnAfterViolation(
  { packets, violation }: Outcome,
  stream: Uint8Array,
  options: PacketReaderOptions,
): string | undefined {
  if (violation === undefined) return undefined;
  const reader = new PacketReader(options);
  reader.push(stream);
  for (let left = packets.length; left > 0; left--) reader.advance();
  if (codeOf(() => reader.advance()) !== violation.code) return "a second reader differs";
  if (reader.bufferedBytes !== 0 || reader.type !== 0) return "a failed stream holds on to bytes";
  if (codeOf(() => reader.advance()) !== "stream-failed") return "advance after a violation";
  if (codeOf(() => reader.push(Uint8Array.of(0xc0, 0))) !== "stream-failed") {
    return "push after a violation";
  }
  return undefined;
}

function codeOf(action: () => void): string {
  try {
    action();
    return "";
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
}

function differsFromReference(
  found: Outcome,
  stream: Uint8Array,
  options: PacketReaderOptions,
): string | undefined {
  const expected = decodeStream(stream, options);
  if (isSameOutcome(found, expected)) return undefined;
  return `the codec says ${show(found)}, the reference decoder ${show(expected)}`;
}

function differsInChunks(
  whole: Outcome,
  stream: Uint8Array,
  cutAt: readonly number[],
  options: PacketReaderOptions,
): string | undefined {
  if (cutAt.length === 0) return undefined;
  const cut = decodeWith(stream, cutAt, options);
  if (isSameOutcome(cut, whole)) return undefined;
  return `in one chunk ${show(whole)}, cut at ${cutAt.join(", ")} ${show(cut)}`;
}

/** The fields of `PacketReader` against the objects of `PacketStream`. */
function differsInPlace(
  { packets }: Outcome,
  stream: Uint8Array,
  options: PacketReaderOptions,
): string | undefined {
  const reader = new PacketReader(options);
  reader.push(stream);
  let at = 0;
  for (const packet of packets) {
    if (!reader.advance()) return `advance stopped before ${show(packet)}`;
    if (reader.start !== at || reader.type !== packet.type) return `misplaced ${show(packet)}`;
    const fault = differsFromFields(packet, reader);
    if (fault !== undefined) return fault;
    at = reader.end;
  }
  return undefined;
}

function differsFromFields(packet: Packet, reader: PacketReader): string | undefined {
  if (reader.packetId !== ("packetId" in packet ? packet.packetId : 0)) return "packetId differs";
  if (packet.type !== PacketType.PUBLISH) return undefined;
  const inPlace = publishInPlace(reader);
  if (!isSame(inPlace, packet)) return `in place ${show(inPlace)}, object ${show(packet)}`;
  const hash = hashBytes(reader.bytes, reader.topicAt, reader.topicEnd);
  return reader.topicHash === hash ? undefined : "topicHash differs";
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function publishInPlace(reader: PacketReader): unknown {
  const { dup, qos, retain, packetId, bytes, topicAt, topicEnd, payloadAt, end } = reader;
  const topicName = decoder.decode(bytes.subarray(topicAt, topicEnd));
  const payload = bytes.subarray(payloadAt, end);
  return { type: PacketType.PUBLISH, dup, qos, retain, topicName, packetId, payload };
}

/** Whatever a strict reader lets pass, the encoder writes, and it reads back the same. */
function cannotBeWritten(
  { packets }: Outcome,
  { controlCharacters, dupAtQos0 }: PacketReaderOptions,
): string | undefined {
  if (controlCharacters === "accept" || dupAtQos0 === "accept") return undefined;
  for (const packet of packets) {
    const bytes = encode(packet);
    if (bytes.length !== encodedLength(packet)) return `encodedLength differs for ${show(packet)}`;
    const again = decodeWith(bytes, []);
    if (again.bytesLeft !== 0 || !isSame(again.packets, [packet])) {
      return `${show(packet)} was written as ${show(again)}`;
    }
  }
  return undefined;
}

function isSameOutcome(left: Outcome, right: Outcome): boolean {
  return (
    left.bytesLeft === right.bytesLeft &&
    left.violation?.code === right.violation?.code &&
    left.violation?.at === right.violation?.at &&
    left.packets.length === right.packets.length &&
    left.packets.every((packet, index) => isSame(packet, right.packets[index]))
  );
}

/** Deep equality of plain values; one kind of `Uint8Array` is as good as the other. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  }
  const [ours, theirs] = [left as Record<string, unknown>, right as Record<string, unknown>];
  let count = 0;
  for (const key in ours) {
    if (!(key in theirs) || !isSame(ours[key], theirs[key])) return false;
    count++;
  }
  return count === Object.keys(theirs).length;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, field) =>
    field instanceof Uint8Array ? Buffer.from(field).toString("hex") : field,
  );
}
