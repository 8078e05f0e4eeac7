import type { QoS } from "../protocol/packet.js";
import { deliver } from "../sending/delivery.js";
import { isWelcome } from "../sending/guarding.js";
import { goesAway } from "../sending/once.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { NOBODY, type Targets } from "../state/route-table.js";
import type { Task } from "../state/task.js";
import { matches } from "../topic/matches.js";
import { asksForShare } from "../topic/share-name.js";
import { Merging } from "./merging.js";
import { toOneOf } from "./sharing.js";

/** From so many bytes on a payload is passed on by reference, and costs no more than this. */
const COPIED_BYTES_MAX = 4 * 1024;
const UNIT_BYTES_BITS = 10;
/** A delivery at QoS 1 or 2 is kept, numbered and recorded. */
const ACKNOWLEDGED_UNITS = 2;

/** With more receivers than this, nothing of any of them is at hand: each is fetched from memory. */
const COLD_FROM = 1_000;
const COLD_UNITS = 3;

/** What one delivery of it costs, in units of work. */
export function deliveryUnits({ qos, payloadBytes }: Publication): number {
  const bytes = payloadBytes < COPIED_BYTES_MAX ? payloadBytes : COPIED_BYTES_MAX;
  return 1 + (bytes >> UNIT_BYTES_BITS) + (qos > 0 ? ACKNOWLEDGED_UNITS : 0);
}

/**
 * A bridge is served as Mosquitto serves one: it never gets back what it sent, or two brokers would
 * pass one message to each other for ever, and it is told the RETAIN flag as published, so that
 * both keep the same retained messages. [B13]
 */
export function toSubscriber(
  core: Core,
  session: ClientSession,
  publication: Publication,
  grantedQos: QoS,
): void {
  if (session.isOrdinary) deliver(core, session, publication, grantedQos, false, false);
  else if (core.cluster.isOn && core.cluster.divert(session, publication, grantedQos)) return;
  else if (!session.isBridge) deliver(core, session, publication, grantedQos, false, false);
  else if (publication.from?.clientId !== session.clientId) {
    deliver(core, session, publication, grantedQos, publication.retain, false);
  }
}

/**
 * One message to more receivers than a turn may serve. Who gets it was settled when it was accepted;
 * who has unsubscribed or ended since then gets nothing. [MQTT-3.10.4-2]
 *
 * At QoS 2 kept Sessions come last, all of them in one turn, in which its publisher's identifier is
 * recorded too: after a crash either everybody of them has it, or nobody. [M4]
 */
export class FanOut implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly publication: Publication;
  #targets: Targets = NOBODY;
  /** Until it is known who all its receivers are. */
  #merging: Merging | undefined;
  readonly #units: number;
  /** Unsubscriptions behind this number came after it was accepted. */
  readonly #leaveCount: number;
  /** Sessions behind this number were at home elsewhere when it was accepted, and have it from there. */
  readonly #arriveCount: number;
  /** Sessions first, then groups. */
  #at = 0;
  /** Sessions that must have it in one turn, by their place. */
  readonly #inOneTurn: number[] = [];
  /** Whether a turn before the last one has recorded something of it. */
  hasRecorded = false;
  /** Turns before the last one in which others were handed it, who have to acknowledge it. */
  readonly owedIn: number[] = [];

  /** @param publication - One that outlives the turn. */
  constructor(core: Core, publication: Publication, targets: Targets | Merging) {
    this.#core = core;
    this.publication = publication;
    if (targets instanceof Merging) this.#merging = targets;
    else this.#targets = targets;
    this.#units = deliveryUnits(publication);
    this.#leaveCount = core.leaveCount;
    this.#arriveCount = core.arriveCount;
    publication.routedAt = core.cluster.position;
    goesAway(core, publication.provenance); // nobody knows yet
    core.fanOuts += 1;
  }

  proceed(): boolean {
    const isDone = this.#findTargets() && this.#serve();
    if (isDone) this.#core.fanOuts -= 1;
    const { store, obligations } = this.#core;
    if (!isDone && store.recorded) this.hasRecorded = true;
    if (!isDone && obligations.addedNow > 0) this.owedIn.push(store.openTicket);
    return isDone;
  }

  #findTargets(): boolean {
    if (this.#merging === undefined) return true;
    const targets = this.#merging.proceed(this.#core, this.publication.route);
    if (targets === undefined) return false;
    this.#targets = targets;
    this.#merging = undefined;
    return true;
  }

  #serve(): boolean {
    const core = this.#core;
    const end = this.#targets.sessions.length + this.#targets.groups.length;
    const units = this.#units + (end > COLD_FROM ? COLD_UNITS : 0);
    while (this.#at < end) {
      core.workLeft -= units;
      this.#toNext();
      if (core.workLeft <= 0) break;
    }
    if (this.#at < end) return false;
    for (const at of this.#inOneTurn) this.#deliver(at);
    return true;
  }

  #toNext(): void {
    const at = this.#at;
    this.#at += 1;
    if (this.#isExactlyOnce(at)) this.#inOneTurn.push(at);
    else this.#deliver(at);
  }

  /** Any member of a group may have a kept Session: it is chosen later. */
  #isExactlyOnce(at: number): boolean {
    const { sessions, grantedQos } = this.#targets;
    if (this.publication.qos !== 2) return false;
    return at >= sessions.length || (grantedQos[at] === 2 && sessions[at]?.storeKey !== 0);
  }

  #deliver(at: number): void {
    const { sessions, grantedQos } = this.#targets;
    if (at >= sessions.length) {
      this.#toGroup(at - sessions.length);
      return;
    }
    const session = sessions[at] as ClientSession; // below their length
    if (session.arrivedAt > this.#arriveCount) return; // [M33]
    if (session.leftAt > this.#leaveCount && !this.#isSubscribed(session)) return;
    if (!isWelcome(session, this.publication.route.topicName)) return; // rules may have changed [H01]
    toSubscriber(this.#core, session, this.publication, grantedQos[at] as QoS);
  }

  #toGroup(at: number): void {
    const group = this.#targets.groups[at];
    if (group === undefined || this.publication.fromPeer) return; // that node has chosen a member
    if (group.size + group.away.length === 0) return; // all its members have left it
    toOneOf(this.#core, this.publication, group);
  }

  /** Whether it still subscribes to the topic, having left something meanwhile. O(its filters). */
  #isSubscribed({ subscriptions }: ClientSession): boolean {
    const core = this.#core;
    const { topicName } = this.publication.route;
    for (const topicFilter of subscriptions.keys()) {
      core.workLeft -= 1;
      if (!asksForShare(topicFilter) && matches(topicFilter, topicName)) return true;
    }
    return false;
  }
}
