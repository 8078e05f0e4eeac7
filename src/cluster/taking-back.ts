import { toOneOf } from "../handling/sharing.js";
import type { Obligation } from "../ports/policy.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import type { AfterCommit } from "./after-commit.js";
import type { Envelope } from "./envelope.js";
import type { Forwarding, Returned } from "./forwarding.js";
import type { Peer } from "./peer.js";
import { PeerReceipt } from "./peer-receipt.js";
import type { Peers } from "./peers.js";
import { unenveloped } from "./sealing.js";

/** A message that a node has not acknowledged, and that is for whoever subscribes to it there. */
interface Stranded {
  readonly from: Peer;
  readonly publication: Publication;
  readonly envelope: Envelope | undefined;
  readonly owed: Obligation;
}

/** What becomes of messages that a node has not acknowledged when it is gone. */
export class TakingBack {
  readonly #core: Core;
  readonly #peers: Peers;
  readonly #forwarding: Forwarding;
  readonly #afterCommit: AfterCommit;
  /** For Subscriptions at other nodes, while this one starts anew. */
  #stranded: Stranded[] = [];

  constructor(core: Core, peers: Peers, forwarding: Forwarding, afterCommit: AfterCommit) {
    this.#core = core;
    this.#peers = peers;
    this.#forwarding = forwarding;
    this.#afterCommit = afterCommit;
  }

  /**
   * What is for one Client goes where that Client is now; what is for a group to another member; for
   * Subscriptions of that node there is nobody left but its heir. In a turn.
   *
   * @param isSelf - It is this node that is gone for the other one, and starts anew: until then it waits.
   */
  of(peer: Peer, deliveries: readonly Delivery[], heir?: Peer, isSelf = false): void {
    const returned: Returned[] = [];
    for (const { receipt, message, state, qos } of deliveries) {
      if (!(receipt instanceof PeerReceipt)) continue; // QoS 0
      if (message === undefined || state === DeliveryState.AWAITING_PUBCOMP) {
        receipt.settle("delivered"); // it had it
        continue;
      }
      const { publication, envelope } = unenveloped(this.#core, message, qos);
      const { counted, owed, inner } = receipt;
      if (counted === undefined) {
        const stranded = { from: peer, publication, envelope, owed };
        if (isSelf) this.#stranded.push(stranded);
        else this.#goOn(stranded, heir);
      } else {
        publication.receipt = inner;
        returned.push({ counted, publication, owed });
      }
    }
    this.#forwarding.comeBack(returned);
  }

  /** This node is a member again: what it has not handed on goes to the same nodes, if they are there. */
  resume(): void {
    const byName = new Map([...this.#peers.all()].map((peer) => [peer.member.name, peer]));
    const all = this.#stranded;
    this.#stranded = [];
    for (const stranded of all) this.#goOn(stranded, byName.get(stranded.from.member.name));
  }

  #goOn({ from, publication, envelope, owed }: Stranded, heir: Peer | undefined): void {
    if (heir !== undefined && this.#toHeir(heir, publication, envelope, owed)) return;
    this.#toOthers(publication, envelope, from);
    this.#afterCommit.settle(owed);
  }

  /** @returns false: it is nothing that a new start of that node could use. */
  #toHeir(
    heir: Peer,
    publication: Publication,
    envelope: Envelope | undefined,
    owed: Obligation,
  ): boolean {
    const kind = envelope?.kind;
    if (envelope === undefined || kind === "shown") {
      this.#forwarding.toNode(heir, publication, owed);
    } else if (kind === "moved") this.#forwarding.toPeerSealed(heir, publication, envelope, owed);
    else return false;
    return true;
  }

  #toOthers(publication: Publication, envelope: Envelope | undefined, peer: Peer): void {
    const group = envelope?.kind === "share" ? this.#core.shares.find(envelope.about) : undefined;
    if (group !== undefined) toOneOf(this.#core, publication, group);
    else if (envelope?.kind !== "kick") {
      this.#core.drop("session-ended", publication.route.topicName, peer.session.clientId);
    }
  }
}
