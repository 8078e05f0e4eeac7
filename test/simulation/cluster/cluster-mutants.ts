import type { Mutant } from "../mutants.js";
import type { ClusterProfile } from "./cluster-profiles.js";

/** Faults put into the logic of many nodes on purpose: the oracle must find each. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  mutant("asks the log nothing about a receiver nobody has", "cluster-calm", "forwarding.js", [
    "if (barrier > this.#readBack)",
    "if (false)",
  ]),
  mutant("serves without a lease", "cluster-stills", "order.js", [
    "return this.writer.readBackSentMs + LEASE_MS;",
    "return Number.POSITIVE_INFINITY;",
  ]),
  mutant("sends beyond the credit of a node", "cluster-large", "channel.js", [
    "const isWithin = this.#sentBytes + next.bytes.length <= CREDIT_BYTES;",
    "const isWithin = true;",
  ]),
  mutant("acknowledges before the other node has", "cluster-deaths", "forwarding.js", [
    "const promise = owed ?? this.#owe(publication);",
    "const promise = owed ?? this.#owe(publication); promise.settle();",
  ]),
  mutant("acknowledges what it has still to hand on", "cluster-stills", "peer-ack.js", [
    "this.#open += 1;",
    "",
  ]),
  mutant("gives a client away that is still served", "cluster-calm", "order-state.js", [
    "this.#effects.asked(hold);",
    "this.#effects.asked(hold), this.#pass(hold);",
  ]),
  mutant("sends nothing again", "cluster-rough", "channel.js", [
    "else if (nowMs - this.#progressMs >= REPEAT_MS)",
    "else if (false)",
  ]),
  mutant("takes a chunk twice", "cluster-rough", "channel.js", [
    "if (chunk.number > this.#done)",
    "if (chunk.number > 0) (this.#done = Math.min(this.#done, chunk.number - 1)),",
  ]),
  mutant("tells a newcomer nothing", "cluster-faults", "order-state.js", [
    "this.holds.set(clientId, { clientId, holder: own, claimant: waiting });",
    "",
  ]),
];

function mutant(
  name: string,
  profile: ClusterProfile,
  file: string,
  [from, to]: readonly [string, string],
): Mutant {
  return { name, profile, file: `cluster/${file}`, from, to };
}
