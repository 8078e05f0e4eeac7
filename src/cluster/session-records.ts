import { utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import { Delivery, type DeliveryState } from "../session/delivery.js";
import { Message } from "../session/message.js";
import type { NumberedIdentifier } from "../session/numbering.js";
import type { SeenMessage } from "../session/seen.js";
import type { ClientSession } from "../state/client-directory.js";
import { type FieldReader, FieldWriter, MalformedError } from "./byte-fields.js";

/**
 * A Session on its way from one node to another: the records that a `Store` keeps of it, one after the
 * other, in parts. Ages are sent as what is left of them: the clocks of two nodes have no common origin.
 */
const Kind = { SESSION: 1, SUBSCRIPTION: 2, INBOUND: 3, DELIVERY: 4, NUMBERS: 5, SEEN: 6 } as const;

const HAS_USERNAME = 1;
const IS_BRIDGE = 2;
const RETAIN = 1 << 2;
const POINT_TO_POINT = 1 << 3;
const HAS_MESSAGE = 1 << 4;
const STATE_SHIFT = 5;

/** What stands at the beginning of a part. */
export interface PartHead {
  /** By which CLAIM its holder had it when it began to send: another one, and this is worth nothing. */
  readonly sequence: number;
  /** So much of the log its sender has read: whoever has read that, too, knows whether it is wanted. */
  readonly readTo: number;
  /** Counts up from 1. */
  readonly number: number;
  readonly isLast: boolean;
}

/** Whoever takes the records of a Session, in this order. */
export interface RecordTaker {
  session(username: string | undefined, isBridge: boolean): void;
  subscription(topicFilter: string, grantedQos: QoS): void;
  inbound(packetId: number): void;
  /** Behind the identifiers. [M36] */
  numbers(floor: number, all: readonly NumberedIdentifier[]): void;
  seen(publisherId: string, all: readonly SeenMessage[]): void;
  delivery(delivery: Delivery): void;
}

export function writeHead(
  writer: FieldWriter,
  { sequence, readTo, number, isLast }: PartHead,
): void {
  writer
    .u64(sequence)
    .u64(readTo)
    .u32(number)
    .u8(isLast ? 1 : 0);
}

export function readHead(reader: FieldReader): PartHead {
  const sequence = reader.u64();
  const readTo = reader.u64();
  return { sequence, readTo, number: reader.u32(), isLast: reader.u8() === 1 };
}

/**
 * All records of a Session, each encoded when it is asked for. Nothing of it may change meanwhile.
 *
 * @param knowsOnce - Of the node that takes it.
 */
export function* recordsOf(
  session: ClientSession,
  nowMs: number,
  knowsOnce = true,
): Generator<Uint8Array, void> {
  yield encodeSession(session);
  for (const [topicFilter, grantedQos] of session.subscriptions) {
    yield new FieldWriter().u8(Kind.SUBSCRIPTION).text(topicFilter).u8(grantedQos).bytes;
  }
  for (const packetId of session.inbound.packetIds()) {
    yield new FieldWriter(8).u8(Kind.INBOUND).u32(packetId).bytes;
  }
  if (knowsOnce) yield* numbersOf(session);
  for (const delivery of session.outbound.all()) yield encodeDelivery(delivery, nowMs);
}

/** What its Client has published, and what it was given: so that nothing is given twice. [M36] */
function* numbersOf({ inbound, seen }: ClientSession): Generator<Uint8Array, void> {
  const numbered = [...inbound.numbered()];
  const floor = inbound.numbering?.floor ?? 0;
  if (floor > 0 || numbered.length > 0) {
    const writer = new FieldWriter().u8(Kind.NUMBERS).u64(floor).u32(numbered.length);
    for (const { packetId, number, isReleased } of numbered) {
      writer
        .u32(packetId)
        .u64(number)
        .u8(isReleased ? 1 : 0);
    }
    yield writer.bytes;
  }
  for (const [publisherId, all] of seen?.publishers ?? []) {
    const writer = new FieldWriter().u8(Kind.SEEN).text(publisherId).u32(all.length);
    for (const { packetId, number } of all) writer.u32(packetId).u64(number);
    yield writer.bytes;
  }
}

function encodeSession({ username, isBridge }: ClientSession): Uint8Array {
  const flags = (username === undefined ? 0 : HAS_USERNAME) | (isBridge ? IS_BRIDGE : 0);
  const writer = new FieldWriter().u8(Kind.SESSION).u8(flags);
  return username === undefined ? writer.bytes : writer.text(username).bytes;
}

function encodeDelivery(delivery: Delivery, nowMs: number): Uint8Array {
  const { qos, retain, pointToPoint, message, state, packetId, expiresMs, share } = delivery;
  const writer = new FieldWriter(64 + (message?.byteCount ?? 0)).u8(Kind.DELIVERY);
  writer.u8(
    qos |
      (retain ? RETAIN : 0) |
      (pointToPoint ? POINT_TO_POINT : 0) |
      (message === undefined ? 0 : HAS_MESSAGE) |
      (state << STATE_SHIFT),
  );
  // 0: it does not grow old. What has, is dropped at the other node in its turn.
  writer.u64(expiresMs === 0 ? 0 : Math.max(1, Math.ceil(expiresMs - nowMs)));
  writer.u32(packetId).text(share);
  writer.text(typeof delivery.receipt === "string" ? delivery.receipt : "");
  if (message === undefined) return writer.bytes;
  const { payload } = message;
  writer.u8(message.qos).text(message.topicName).u32(payload.length);
  return writer.raw(payload).bytes;
}

/**
 * Reads what follows the head of a part.
 *
 * @returns how many records it were.
 * @throws MalformedError
 */
export function readRecords(reader: FieldReader, taker: RecordTaker, nowMs: number): number {
  let count = 0;
  for (; !reader.isAtEnd; count += 1) {
    const kind = reader.u8();
    if (kind === Kind.SESSION) {
      const flags = reader.u8();
      const username = (flags & HAS_USERNAME) === 0 ? undefined : reader.text();
      taker.session(username, (flags & IS_BRIDGE) !== 0);
    } else if (kind === Kind.SUBSCRIPTION) {
      const topicFilter = reader.text();
      taker.subscription(topicFilter, reader.u8() as QoS);
    } else if (kind === Kind.INBOUND) {
      taker.inbound(reader.u32());
    } else if (kind === Kind.DELIVERY) {
      taker.delivery(readDelivery(reader, nowMs));
    } else {
      readNumbers(kind, reader, taker);
    }
  }
  return count;
}

function readNumbers(kind: number, reader: FieldReader, taker: RecordTaker): void {
  if (kind === Kind.SEEN) {
    const publisherId = reader.text();
    const one = (): SeenMessage => ({ packetId: reader.u32(), number: reader.u64() });
    taker.seen(publisherId, readMany(reader, one));
    return;
  }
  if (kind !== Kind.NUMBERS) {
    throw new MalformedError(`a session has a record of the unknown kind ${kind}`);
  }
  const floor = reader.u64();
  const all = readMany(reader, () => {
    const packetId = reader.u32();
    const number = reader.u64();
    return { packetId, number, isReleased: reader.u8() === 1 };
  });
  taker.numbers(floor, all);
}

function readMany<T>(reader: FieldReader, read: () => T): T[] {
  const all: T[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) all.push(read());
  return all;
}

function readDelivery(reader: FieldReader, nowMs: number): Delivery {
  const flags = reader.u8();
  const leftMs = reader.u64();
  const packetId = reader.u32();
  const share = reader.text();
  const receipt = reader.text();
  const delivery = new Delivery(
    (flags & HAS_MESSAGE) === 0 ? NO_MESSAGE : readMessage(reader),
    (flags & 3) as QoS,
    (flags & RETAIN) !== 0,
    (flags & POINT_TO_POINT) !== 0,
    leftMs === 0 ? 0 : nowMs + leftMs,
  );
  if ((flags & HAS_MESSAGE) === 0) delivery.message = undefined;
  delivery.packetId = packetId;
  delivery.state = ((flags >> STATE_SHIFT) & 3) as DeliveryState;
  delivery.share = share;
  if (receipt !== "") delivery.receipt = receipt;
  return delivery;
}

/** The bytes it is read from are another packet's a moment later: it has its own. */
function readMessage(reader: FieldReader): Message {
  const qos = reader.u8() as QoS;
  const topicName = reader.text();
  const payload = reader.raw(reader.u32()).slice();
  return new Message(topicName, utf8Encode(topicName), payload, 0, payload.length, qos);
}

const NO_MESSAGE = new Message("", new Uint8Array(0), new Uint8Array(0), 0, 0, 0);
