import type { Mutant } from "../mutants.js";
import type { ClusterProfile } from "./cluster-profiles.js";

/** Faults put into the logic of many nodes on purpose: the oracle must find each. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  mutant(
    "asks the log nothing about a receiver nobody has",
    "cluster-calm",
    "forwarding.js",
    ["if (barrier > this.#readBack)", "if (false)"],
    33,
  ),
  mutant("serves without a lease", "cluster-stills", "order.js", [
    "return this.writer.readBackSentMs + LEASE_MS;",
    "return Number.POSITIVE_INFINITY;",
  ]),
  mutant("sends beyond the credit of a node", "cluster-large", "channel.js", [
    "const isWithin = this.#sentBytes + next.byteCount <= CREDIT_BYTES;",
    "const isWithin = true;",
  ]),
  mutant("acknowledges before the other node has", "cluster-deaths", "forwarding.js", [
    "const promise = owed ?? this.owe(publication);",
    "const promise = owed ?? this.owe(publication); promise.settle();",
  ]),
  mutant("acknowledges what it has still to hand on", "cluster-stills", "peer-ack.js", [
    "this.#open += 1;",
    "",
  ]),
  mutant("gives a client away that is still served", "cluster-calm", "order-state.js", [
    "hold.claimant = claim;\n            this.#effects.asked(hold);",
    "hold.claimant = claim;\n            this.#effects.asked(hold), this.#pass(hold);",
  ]),
  mutant("sends nothing again", "cluster-rough", "channel.js", [
    "else if (nowMs - this.#progressMs >= REPEAT_MS)",
    "else if (false)",
  ]),
  mutant("takes a chunk twice", "cluster-rough", "channel.js", [
    "if (chunk.number > this.#done)",
    "if (chunk.number > 0) (this.#done = Math.min(this.#done, chunk.number - 1)),",
  ]),
  mutant("does not take a silent node for down", "cluster-deaths", "order-state.js", [
    "this.remove(silent, sequence);",
    "undefined;", // nothing at all would leave the next line to the condition
  ]),
  mutant("goes on when others have taken it for down", "cluster-faults", "cluster-node.js", [
    "else if (successor === undefined)",
    "else if (successor === undefined) return; else if (false)",
  ]),
  mutant(
    "sends as the node it was before it started anew",
    "cluster-faults",
    "peers.js",
    ["restart(self) {", "restart(self) { return;"],
    16,
  ),
  mutant("tells a newcomer nothing", "cluster-faults", "order-state.js", [
    "this.holds.set(clientId, { clientId, holder: own, claimant: waiting, isInherited });",
    "",
  ]),
  mutant("forgets what others retained behind its own", "cluster-rough", "retained-writer.js", [
    "if (beneath.sequence > sequence)",
    "if (false)",
  ]),
  mutant("holds on to what it has retained itself", "cluster-rough", "retained-writer.js", [
    "return sequence > pending.sequence;",
    "return false;",
  ]),
  mutant("removes a retained message at its own node only", "cluster-calm", "retained-log.js", [
    "if (message === undefined)",
    "if (message === undefined) {}\n        else if (message === undefined)",
  ]),
  mutant("does not read what was retained before it came", "cluster-calm", "retained-log.js", [
    "this.#take(sequence, bytes);",
    "if (this.isRead) this.#take(sequence, bytes);",
  ]),
  mutant(
    "keeps what was removed while it was away",
    "cluster-deaths",
    "retained-log.js",
    ["for (const topicName of gone)", "for (const topicName of [])"],
    47,
  ),
  mutant("subscribes without asking the log", "cluster-rough", "retained-log.js", [
    "if (this.isRead)\n            this.#barrier",
    "if (false)\n            this.#barrier",
  ]),
  mutant("acknowledges what is not in the log yet", "cluster-deaths", "retained-log.js", [
    "this.#writer.put(topicName, message, owed);",
    "this.#writer.put(topicName, message, undefined), owed?.settle();",
  ]),
  mutant("is at home before the log says so", "cluster-moves-faults", "handover.js", [
    "incoming.isTold = true;",
    "incoming.isTold = true; settleIn(this.#core, incoming.session, incoming.subscriptions);",
  ]),
  mutant("sends a session that still changes", "cluster-moves", "departure.js", [
    "this.#hasBegun = true;",
    "",
  ]),
  mutant("keeps a session that is at home elsewhere", "cluster-moves", "handover.js", [
    "letGo(this.#core, departure.session);",
    "",
  ]),
  mutant(
    "takes new messages before those that still follow",
    "cluster-moves-rough",
    "moves.js",
    ["if (arrival.isOpen)\n                return false;", "return false;"],
    14,
  ),
  mutant(
    "takes new messages along before those",
    "cluster-hasty",
    "moves.js",
    [
      "if (arrival !== undefined && !arrival.isOpen)",
      "if (arrival !== undefined && !arrival.isOpen && !this.#departures.has(session))",
    ],
    32,
  ),
  mutant(
    "overtakes what another node has not acknowledged",
    "cluster-moves-rough",
    "forwarding.js",
    [
      "return isFromPeer || !this.#outstanding.hasElsewhere(clientId, peer) ? peer : undefined;",
      "return peer;",
    ],
    255,
  ),
  mutant(
    "forgets a session that comes by a second move",
    "cluster-hasty",
    "handover.js",
    ["if (this.#order.state.sequence <= incoming.readTo)\n            return;", ""],
    146,
  ),
  mutant(
    "adopts without a fence: what it keeps may be another one's by now",
    "cluster-adopted-rough",
    "order.js",
    ["this.#isOwner = !keeps;", "this.#isOwner = true;"],
    22,
  ),
  mutant(
    "lets go of a session when all of it is sent",
    "cluster-moves",
    "handover.js",
    [
      "departure.partDone(attempt);",
      "departure.partDone(attempt); if (!departure.maySend) letGo(this.#core, departure.session);",
    ],
    106,
  ),
  mutant(
    "forgets what came from a node that is dead",
    "cluster-adopted",
    "../sending/once.js",
    ["if (session.seen?.has(provenance) === true) {", "if (false) {"],
    8,
  ),
  mutant(
    "takes a new message for what came under its identifier before",
    "cluster-adopted",
    "../session/seen.js",
    ["one.number > againAbove", "one.number > 0"],
    15,
  ),
];

function mutant(
  name: string,
  profile: ClusterProfile,
  file: string,
  [from, to]: readonly [string, string],
  near = 1,
): Mutant {
  return { name, profile, file: `cluster/${file}`, from, to, near };
}
