import { leaveTopics } from "../handling/leaving.js";
import { empty } from "../handling/moving.js";
import { takeNumbers, takeSeen } from "../handling/restoring.js";
import type { QoS } from "../protocol/packet.js";
import { record, sessionRecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import type { Delivery } from "../session/delivery.js";
import type { NumberedIdentifier } from "../session/numbering.js";
import type { SeenMessage } from "../session/seen.js";
import { Session } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { FieldReader } from "./byte-fields.js";
import { readRecords } from "./session-records.js";

/**
 * A Session that another node is sending: in no table until the log says that it is at home here, and
 * gone without a trace when the log says otherwise.
 */
export class Incoming {
  readonly clientId: string;
  /** By which CLAIM the sender had it. */
  readonly sequence: number;
  /** The node that sends it, and how much of the log that had read. */
  readonly from: string;
  readonly readTo: number;
  /** What it subscribes to is being wanted here. */
  isWanting = false;
  /** Of that, what is not in the tables before it is at home here. */
  readonly rest: (readonly [topicFilter: string, grantedQos: QoS])[] = [];
  /** That it is here is on its way to the log. */
  isTold = false;
  /** It is at home here, or nobody needs it. */
  isOver = false;
  session: ClientSession | undefined;
  readonly subscriptions: (readonly [topicFilter: string, grantedQos: QoS])[] = [];
  isComplete = false;
  /** The Store has been given all of it; and has made it durable. */
  isRecorded = false;
  isStored = false;
  readonly #core: Core;
  #lastNumber = 0;

  constructor(core: Core, clientId: string, from: string, sequence: number, readTo: number) {
    this.#core = core;
    this.clientId = clientId;
    this.from = from;
    this.sequence = sequence;
    this.readTo = readTo;
  }

  /** The next part. @returns false: it does not follow the one before. */
  take(number: number, isLast: boolean, reader: FieldReader): boolean {
    if (this.isComplete || number !== this.#lastNumber + 1) return false;
    this.#lastNumber = number;
    this.#core.workLeft -= readRecords(reader, this.#taker, this.#core.nowMs);
    this.isComplete = isLast && this.session !== undefined;
    return true;
  }

  /**
   * Records all of it, in this turn: there is no part of it in the Store. A crash before the log says that it
   * is at home here leaves a copy behind that is nobody's. [M34]
   */
  record(): void {
    this.isRecorded = true;
    const { session } = this;
    if (session === undefined || session.storeKey === 0) return;
    const { storeKey } = session;
    const { store, nowMs } = this.#core;
    store.putSession({ ...sessionRecord(session, nowMs), isArriving: true });
    for (const [topicFilter, qos] of this.subscriptions) {
      store.putSubscription(storeKey, topicFilter, qos);
    }
    for (const packetId of session.inbound.packetIds()) store.putInbound(storeKey, packetId);
    this.#recordNumbers(session);
    for (const delivery of session.outbound.all()) record(this.#core, session, delivery);
  }

  /** [M36] */
  #recordNumbers({ storeKey, inbound, seen }: ClientSession): void {
    const { store } = this.#core;
    for (const { packetId, number, isReleased } of inbound.numbered()) {
      if (isReleased) store.putReleased(storeKey, packetId, number);
      else store.putInbound(storeKey, packetId, number);
    }
    for (const [publisherId, all] of seen?.publishers ?? []) {
      store.putSeen(storeKey, publisherId, all);
    }
  }

  /** Nobody needs it any more. */
  drop(): void {
    this.isOver = true;
    const { session } = this;
    if (session === undefined) return;
    leaveTopics(this.#core, session);
    empty(this.#core, session);
    if (this.isRecorded && session.storeKey !== 0) this.#core.store.deleteOwner(session.storeKey);
  }

  readonly #taker = {
    session: (username: string | undefined, isBridge: boolean): void => {
      const { limits, store, memory } = this.#core;
      const key = store.nextKey();
      const pages = key === 0 ? undefined : store.pagesOf(key);
      this.session = new Session(
        this.clientId,
        false,
        username,
        limits,
        key,
        pages,
        memory.messages,
      ) as ClientSession;
      this.session.isBridge = isBridge;
    },
    subscription: (topicFilter: string, grantedQos: QoS): void => {
      this.subscriptions.push([topicFilter, grantedQos]);
    },
    inbound: (packetId: number): void => {
      this.session?.inbound.receive(packetId);
    },
    numbers: (floor: number, all: readonly NumberedIdentifier[]): void => {
      if (this.session !== undefined) takeNumbers(this.session, floor, all);
    },
    seen: (publisherId: string, all: readonly SeenMessage[]): void => {
      if (this.session !== undefined) takeSeen(this.session, publisherId, all);
    },
    delivery: (delivery: Delivery): void => {
      const dropped: Delivery[] = [];
      this.session?.outbound.put(delivery, dropped);
      for (const victim of dropped) {
        abandon(this.#core, victim, "queue-full", this.clientId);
      }
    },
  };
}
