/** A little over 300 lines: each thing that happens around a moving Session, one beside the other. */
import { leaveTopics } from "../handling/leaving.js";
import { thaw } from "../handling/moving.js";
import type { QoS } from "../protocol/packet.js";
import { deliver } from "../sending/delivery.js";
import { goesAway } from "../sending/once.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { TextMap } from "../topic/text-map.js";
import type { AfterCommit } from "./after-commit.js";
import { Arrival } from "./arrival.js";
import type { Departure, Kept } from "./departure.js";
import type { Forwarding } from "./forwarding.js";
import type { Member } from "./order-state.js";
import { Passing } from "./passing.js";
import type { Peers } from "./peers.js";

/**
 * Messages for Sessions that move. Each is delivered once, at the former home or at the new one: what a
 * node has sent before it has read in the log that the Session is at home elsewhere is the former one's to
 * pass on, what it sends after that is the new one's.
 */
export class Moves {
  readonly #core: Core;
  readonly #peers: Peers;
  readonly #forwarding: Forwarding;
  readonly #afterCommit: AfterCommit;
  /** Sessions that leave, from the moment they are frozen until nothing comes for them any more. */
  readonly #departures = new Map<ClientSession, Departure>();
  /** Of those at home elsewhere, by the Client: the last one. */
  readonly #left = new TextMap<Departure>();
  readonly #arrivals = new Map<ClientSession, Arrival>();
  /** Where each node is in the log. */
  readonly passing: Passing;

  constructor(core: Core, peers: Peers, forwarding: Forwarding, afterCommit: AfterCommit) {
    this.#afterCommit = afterCommit;
    this.#core = core;
    this.#peers = peers;
    this.#forwarding = forwarding;
    this.passing = new Passing(core, peers);
  }

  /** Departures and arrivals whose messages are not yet like any other's. */
  get count(): number {
    return this.#departures.size + this.#arrivals.size;
  }

  /** A Session is frozen. */
  leaves(departure: Departure): void {
    this.#departures.set(departure.session, departure);
  }

  /** A Session is at home elsewhere: what has waited for it follows it there. */
  isElsewhere(departure: Departure, home: Member, homedAt: number, others: Set<string>): void {
    departure.home = home;
    departure.homedAt = homedAt;
    departure.unpassed = others;
    this.#left.set(departure.session.clientId, departure);
    const peer = this.#peers.at(home);
    const until = { kind: "until", about: "", topicName: String(homedAt) } as const;
    if (peer !== undefined) this.passing.tell(peer, until);
    for (const kept of departure.kept.take()) this.#passOn(departure, kept);
    this.#settleDeparture(departure);
  }

  /** A Session that was frozen stays: it is given what has waited for it. */
  stays(departure: Departure): void {
    const { session } = departure;
    this.#departures.delete(session);
    thaw(this.#core, session);
    const arrival = this.#arrivals.get(session);
    session.isMoving = arrival !== undefined;
    for (const kept of departure.kept.take()) this.#give(session, kept);
  }

  /** A Session that was frozen has ended. */
  ends(departure: Departure): void {
    this.#departures.delete(departure.session);
    this.#dropKept(departure);
  }

  /** A Session has come from another node, and is in the tables. */
  arrives(session: ClientSession, source: Member, homedAt: number, others: Set<string>): void {
    session.isMoving = true;
    const { nowMs } = this.#core;
    this.#arrivals.set(session, new Arrival(session, source.node, homedAt, others, nowMs));
  }

  /**
   * `Cluster.divert`, for a Session that moves.
   *
   * @returns false: it is to be delivered as always.
   */
  divert(session: ClientSession, publication: Publication, grantedQos: QoS): boolean {
    const departure = this.#departures.get(session);
    const arrival = this.#arrivals.get(session);
    // Of a group each message goes to one member, whoever has read what.
    const isOwn = publication.share === "";
    if (isOwn && arrival?.unpassed.has(publication.fromNode) === true) return true;
    if (departure === undefined) {
      if (arrival === undefined) return true; // it is being taken out of the tables
      if (arrival.isOpen) return false;
    } else {
      if (isOwn && departure.homedAt > 0 && isBehind(departure, publication)) return true;
      if (publication.qos === 0 || grantedQos === 0) {
        this.#core.drop("offline-qos-0", publication.route.topicName, session.clientId);
        return true;
      }
    }
    this.#line(session, arrival, this.#kept(publication, grantedQos));
    return true;
  }

  /** Behind what the home before still passes on, also when the Session is leaving again. */
  #line(session: ClientSession, arrival: Arrival | undefined, kept: Kept): void {
    if (arrival !== undefined && !arrival.isOpen) {
      if (arrival.kept.add(kept)) return;
      this.orderNotKept += 1;
      this.#open(arrival);
    }
    this.#take(session, kept);
  }

  /** What the former home of a Session here passes on. */
  moved(clientId: string, publication: Publication): void {
    const session = this.#core.sessions.find(clientId);
    const departure =
      session === undefined ? this.#left.get(clientId) : this.#departures.get(session);
    if (departure !== undefined) {
      this.#takeLeaving(departure, this.#kept(publication, publication.qos));
    } else if (session === undefined) {
      this.#follow(clientId, publication);
    } else {
      deliver(this.#core, session, publication, publication.qos, false, false);
    }
  }

  /** This node has passed the Session on itself and started again since: the log still says where to. */
  #follow(clientId: string, publication: Publication): void {
    const home = this.#forwarding.homeOf(clientId);
    const { topicName } = publication.route;
    if (home === undefined) {
      this.#core.drop("session-ended", topicName, clientId);
      return;
    }
    // Else that node, if it has not read so far, might take this one for the home, and send it back.
    const readTo = String(this.#core.cluster.position);
    this.passing.tell(home, { kind: "until", about: "", topicName: readTo });
    const { publication: own, owed } = this.#kept(publication, publication.qos);
    const envelope = { kind: "moved", about: clientId, topicName } as const;
    this.#forwarding.toPeerSealed(home, own, envelope, owed);
  }

  /** The former home passes on nothing more. */
  done(clientId: string, source: string, homedAt: number): void {
    for (const arrival of this.#arrivals.values()) {
      if (arrival.session.clientId !== clientId || arrival.homedAt !== homedAt) continue;
      if (arrival.source === source) this.#isDone(arrival);
    }
  }

  /** A node has read so much of the log: it sends nothing more for what has left this node by then. */
  passed(node: string, sequence: number): void {
    for (const departure of [...this.#departures.values()]) {
      if (departure.homedAt === 0 || departure.homedAt > sequence) continue;
      if (departure.unpassed.delete(node)) this.#settleDeparture(departure);
    }
    for (const arrival of [...this.#arrivals.values()]) {
      if (arrival.homedAt <= sequence && arrival.unpassed.delete(node)) this.#settle(arrival);
    }
  }

  /** A node is gone. */
  gone(node: string): void {
    this.passing.gone(node);
    for (const departure of [...this.#departures.values()]) {
      departure.unpassed.delete(node);
      if (departure.homedAt === 0) continue;
      if (departure.home?.node === node) departure.unpassed.clear(); // nobody is left to be told
      this.#settleDeparture(departure);
    }
    for (const arrival of [...this.#arrivals.values()]) {
      arrival.unpassed.delete(node);
      if (arrival.source !== node) this.#settle(arrival);
      else {
        arrival.unpassed.clear(); // who has not passed is not passed on any more: it is taken here
        this.#isDone(arrival);
      }
    }
  }

  /** A Session here has ended. */
  ended(clientId: string): void {
    for (const arrival of [...this.#arrivals.values()]) {
      const { session } = arrival;
      if (session.clientId !== clientId || this.#core.sessions.find(clientId) === session) continue;
      if (this.#departures.has(session)) continue; // it has left, and goes on passing on
      this.#arrivals.delete(session);
      for (const kept of arrival.kept.take()) this.#drop(session, kept);
    }
  }

  /** Time has passed: nobody waits for ever for a node that is silent. */
  tick(): void {
    const { nowMs } = this.#core;
    for (const arrival of this.#arrivals.values()) {
      if (!arrival.isOverdue(nowMs)) continue;
      this.orderNotKept += 1;
      this.#open(arrival);
    }
  }

  /** How often messages came to a Session that might have to stand behind others. */
  orderNotKept = 0;

  /** This node starts anew: what is here is here, and nobody else is known. */
  restart(): void {
    this.passing.restart();
    for (const departure of [...this.#departures.values()]) {
      if (departure.homedAt === 0) this.stays(departure);
      else this.#forget(departure);
    }
    for (const arrival of [...this.#arrivals.values()]) {
      arrival.unpassed.clear();
      this.#isDone(arrival);
    }
  }

  #isDone(arrival: Arrival): void {
    arrival.isDone = true;
    this.#open(arrival);
    this.#settle(arrival);
    const departure = this.#departures.get(arrival.session);
    if (departure !== undefined && departure.homedAt > 0) this.#settleDeparture(departure);
  }

  #open(arrival: Arrival): void {
    arrival.isOpen = true;
    for (const kept of arrival.kept.take()) this.#take(arrival.session, kept);
  }

  /** It is next: for the Session here, or for where that goes. */
  #take(session: ClientSession, kept: Kept): void {
    const departure = this.#departures.get(session);
    if (departure === undefined) this.#give(session, kept);
    else this.#takeLeaving(departure, kept);
  }

  #takeLeaving(departure: Departure, kept: Kept): void {
    if (departure.homedAt > 0) this.#passOn(departure, kept);
    else if (!departure.hasBegun) this.#give(departure.session, kept);
    else this.#keep(departure, kept);
  }

  #settle(arrival: Arrival): void {
    if (!arrival.isOver) return;
    this.#arrivals.delete(arrival.session);
    arrival.session.isMoving = this.#departures.has(arrival.session);
  }

  /** When no node sends anything for it here any more, the new home is told, and its filters go. */
  #settleDeparture(departure: Departure): void {
    const { session, unpassed, home, homedAt } = departure;
    if (unpassed.size > 0 || !this.#departures.has(session)) return;
    if (this.#arrivals.get(session)?.isDone === false) return; // its home before that still may
    this.#forget(departure);
    const peer = home && this.#peers.at(home);
    if (peer === undefined) return;
    this.passing.tell(peer, {
      kind: "done",
      about: session.clientId,
      topicName: String(homedAt),
    });
  }

  #forget(departure: Departure): void {
    const { session } = departure;
    this.#departures.delete(session);
    this.#dropKept(departure);
    if (this.#left.get(session.clientId) === departure) this.#left.delete(session.clientId);
    leaveTopics(this.#core, session);
  }

  /** Also what waits for the home before that one. */
  #dropKept({ session, kept: waiting }: Departure): void {
    const arrival = this.#arrivals.get(session);
    this.#arrivals.delete(session);
    for (const kept of waiting.take()) this.#drop(session, kept);
    for (const kept of arrival?.kept.take() ?? []) this.#drop(session, kept);
  }

  #kept(publication: Publication, grantedQos: QoS): Kept {
    const owed = publication.qos > 0 ? this.#forwarding.owe(publication) : undefined;
    goesAway(this.#core, publication.provenance);
    const { share } = publication;
    const own = publication.detached();
    publication.ownCopies.push(...own.ownCopies.splice(0)); // they stay its publisher's
    own.origin = undefined;
    own.share = share;
    return { publication: own, grantedQos, owed };
  }

  #keep(departure: Departure, kept: Kept): void {
    if (!departure.kept.add(kept)) this.#drop(departure.session, kept);
  }

  #passOn({ session, home }: Departure, kept: Kept): void {
    const { publication, grantedQos, owed } = kept;
    const peer = home && this.#peers.at(home);
    if (peer === undefined || grantedQos === 0 || publication.qos === 0) {
      this.#drop(session, kept);
      return;
    }
    const topicName = publication.shownTopicName ?? publication.route.topicName;
    if (grantedQos < publication.qos) publication.qos = grantedQos;
    const envelope = { kind: "moved", about: session.clientId, topicName } as const;
    this.#forwarding.toPeerSealed(peer, publication, envelope, owed);
  }

  #give(session: ClientSession, { publication, grantedQos, owed }: Kept): void {
    deliver(this.#core, session, publication, grantedQos, false, false);
    this.#afterCommit.settle(owed);
  }

  #drop({ clientId }: ClientSession, { publication, owed }: Kept): void {
    const reason = publication.qos === 0 ? "offline-qos-0" : "session-ended";
    this.#core.drop(reason, publication.route.topicName, clientId, publication.from);
    owed?.settle();
  }
}

/** Whether it was sent by somebody who knew already where the Session is at home: that has it, too. */
function isBehind({ homedAt, unpassed }: Departure, { fromNode, routedAt }: Publication): boolean {
  if (fromNode !== "") return !unpassed.has(fromNode);
  return routedAt === 0 || routedAt >= homedAt;
}
