import type { PacketReader } from "../codec/index.js";
import type { Link } from "../ports/link.js";
import type { NetworkConnection } from "../ports/network-connection.js";
import { BLOCK_BYTES, type BlockPool, Outbox } from "../ports/outbox.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import { assert } from "../protocol/assert.js";
import type { ProtocolError } from "../protocol/errors.js";
import type { Connect, QoS, Will } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import type { Session } from "../session/session.js";
import type { RetainedCursor } from "../topic/retained-tree.js";
import type { TextMap } from "../topic/text-map.js";
import type { Deadlined } from "./deadline-wheel.js";
import type { Held } from "./held.js";
import type { StopReason } from "./reading.js";
import type { Task } from "./task.js";

/** Phases of a Network Connection: the table in spec-notes/state-machines.md. */
export const Phase = {
  EXPECTING_CONNECT: 0,
  /** CONNECT came, and its steps are under way: `connecting.ts`. Packets behind it wait. [M20] */
  CONNECTING: 1,
  ACCEPTED: 2,
  /** To be closed at the end of this turn; nothing it sent counts any more. */
  DOOMED: 3,
  CLOSED: 4,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Retained messages still to be sent for a Topic Filter. [D18] */
export interface RetainedBacklog {
  readonly cursor: RetainedCursor<Message>;
  readonly grantedQos: QoS;
  /** Taken from the tree and not sent yet, as large ones came before; the next one last. */
  readonly rest: Message[];
}

/** What a CONNECT has come to, step by step: `connecting.ts`. */
export interface Connecting {
  /** The next step. */
  step: number;
  /** With a Client Identifier, and with bytes of its own. */
  connect: Connect;
  identity: Identity | undefined;
  /** [M16] */
  inFlightMax: number;
  /** When its credentials end: `Infinity` for never. */
  expiresAtMs: number;
  session: Session<Connection> | undefined;
  sessionPresent: boolean;
  /** The turn that has recorded it. */
  ticket: number;
}

/** A wait for something outside: `waiting.ts`. */
export interface Wait {
  readonly stop: StopReason;
  readonly deadlineMs: number;
  /** What comes when nothing else has ended it by then. */
  readonly timeUp: () => void;
}

/** What a Client may still publish now: filled up with time, below 0 when it has published more. */
export interface Allowance {
  messages: number;
  bytes: number;
  /** When it was filled up. */
  sinceMs: number;
  /** When it is read again; `Infinity` while it is read. */
  readAgainMs: number;
}

/** What a transport tells: implemented by the broker, called through {@link Connection}. */
export interface ConnectionInputs {
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void;
  drained(connection: Connection, nowMs: number): void;
  closed(connection: Connection, nowMs: number): void;
}

/** One Network Connection, from open to closed. The transport calls its three methods. */
export class Connection implements NetworkConnection, Deadlined<Connection> {
  readonly link: Link;
  readonly outbox: Outbox;
  readonly reader: PacketReader;
  readonly #inputs: ConnectionInputs;

  /** Its own among all connections of this engine, from 1 on. */
  number = 0;
  phase: Phase = Phase.EXPECTING_CONNECT;
  /** Another node of the cluster, and no Client. */
  isPeer = false;
  /** Set while accepted; the Session's `connection` may already be another one. [P16] */
  session: Session<Connection> | undefined = undefined;
  identity: Identity | undefined = undefined;
  will: Will | undefined = undefined;
  /** The number of its Will in the Store. */
  willKey = 0;
  keepAliveSeconds = 0;
  /** Of its CONNECT: 3 for MQTT 3.1, 4 for MQTT 3.1.1. */
  protocolLevel = 0;
  /** When it was opened. */
  readonly sinceMs: number;
  /** When it is closed whatever it does, since its credentials end: `Infinity` for never. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  /** When the last whole packet came. [M18] */
  lastPacketMs: number;
  /** Its CONNECT, from the first step to the last. */
  connecting: Connecting | undefined = undefined;
  /** What it waits for: nothing more it sent is worked on before that. */
  waiting: Wait | undefined = undefined;
  /** When it last acknowledged a message, or got the first one it had to. */
  progressMs = 0;
  /** What it has begun and is more than one turn may do: packets behind it wait. */
  task: Task | undefined = undefined;
  /** The last turn it had was not enough for it: its next one comes after those of others. */
  hasOverspent = false;
  /** Its acknowledgements of repeats wait for what was still owed of earlier connections. */
  isBehindOwed = false;
  /** Units of work it has caused in the second of this number: `usage.ts`. */
  usedUnits = 0;
  usedIn = 0;
  /** What waits for the Store. [M26] */
  held: Held | undefined = undefined;
  /** Why it is not read, as bits: changed in `reading.ts` only. */
  readingStops = 0;
  /**
   * The last delivery with a message that this connection itself has published at QoS 1 or 2: up to
   * here nothing is sent while an acknowledgement is held. A number of `Delivery.sequence`. [M31]
   */
  ownThrough = 0;
  /** Made when it first publishes where that has a bound. */
  allowance: Allowance | undefined = undefined;
  /** Why it is doomed, once it is. */
  doomReason: CloseReason | undefined = undefined;
  violation: ProtocolError | undefined = undefined;
  /** Its outbox holds something that no flush has been asked for. */
  dirty = false;
  /** When the peer stopped taking what is sent; 0: it takes. [M24] */
  blockedSinceMs = 0;
  /** Bytes it counts with in the total of blocked connections. */
  blockedBytes = 0;
  retainedBacklog: TextMap<RetainedBacklog> | undefined = undefined;
  /** SUBACKs whose Subscriptions are not all in the backlog yet: nothing of it is sent before. [M5] */
  grantsUnderWay = 0;
  /** What is still to be sent again, the last first. [M14] */
  repeats: Delivery[] | undefined = undefined;

  wheelSlot = -1;
  wheelNext: Connection | undefined = undefined;
  wheelPrevious: Connection | undefined = undefined;

  constructor(
    link: Link,
    reader: PacketReader,
    pool: BlockPool,
    inputs: ConnectionInputs,
    nowMs: number,
  ) {
    this.link = link;
    this.reader = reader;
    this.outbox = new Outbox(pool);
    this.#inputs = inputs;
    this.sinceMs = nowMs;
    this.lastPacketMs = nowMs;
  }

  /** Whole packets, modulo 2^30. */
  get packetsReceived(): number {
    return this.reader.serial;
  }

  get packetsSent(): number {
    return this.outbox.packetCount;
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    this.#inputs.receive(this, bytes, nowMs);
  }

  keepUnread(): void {
    this.reader.keepTail();
  }

  drained(nowMs: number): void {
    this.#inputs.drained(this, nowMs);
  }

  closed(nowMs: number): void {
    this.#inputs.closed(this, nowMs);
  }
}

/** The Session of an accepted connection. */
export function sessionOf(connection: Connection): Session<Connection> {
  assert(connection.session !== undefined, "an accepted connection has a Session");
  return connection.session;
}

/** Whether more than a block waits to be flushed: that takes ten times what others do. */
export function hasMuch({ outbox }: Connection): boolean {
  return outbox.byteCount > BLOCK_BYTES;
}
