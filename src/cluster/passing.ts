import { goOn, wait } from "../handling/waiting.js";
import { deliver } from "../sending/delivery.js";
import type { Receipt } from "../session/delivery.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { StopReason } from "../state/reading.js";
import { type Envelope, sealed } from "./envelope.js";
import type { Member } from "./order-state.js";
import type { Peer } from "./peer.js";
import type { Peers } from "./peers.js";

/** So long at most others wait until what has many receivers here has all of them. */
const FAN_OUT_MS_MAX = 2_000;

/** A node that reads nothing of the log for so long is about to give up all it has. */
const READ_MS_MAX = 10_000;

interface Behind {
  readonly connection: Connection;
  readonly sequence: number;
  readonly go: () => void;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Tells the nodes that a Session has left or come to how much of the log this one has read: among its
 * messages, so that they know which of these it has sent before it knew, and which behind that.
 */
export class Passing {
  readonly #core: Core;
  readonly #peers: Peers;
  /** Who is to be told, and up to which entry at least. */
  readonly #due = new Map<Member, number>();
  #sinceMs = 0;
  /** Nodes that are not read until this one has read as much of the log as they. */
  readonly #behind = new Map<string, Behind>();

  constructor(core: Core, peers: Peers) {
    this.#core = core;
    this.#peers = peers;
  }

  /** A node is to be told that this one has read so much. */
  owe(member: Member, sequence: number): void {
    if (this.#due.size === 0) this.#sinceMs = this.#core.nowMs;
    this.#due.set(member, sequence);
  }

  get hasDue(): boolean {
    return this.#due.size > 0;
  }

  /** Tells them, as far as all that was routed before has left. In a turn. */
  tellAll(): void {
    const { fanOuts, nowMs } = this.#core;
    if (fanOuts > 0 && nowMs - this.#sinceMs < FAN_OUT_MS_MAX) return;
    for (const [member, sequence] of this.#due) {
      const peer = this.#peers.at(member);
      if (peer === undefined) continue; // it is known a moment later, when this node has joined
      const envelope = { kind: "passed", about: "", topicName: String(sequence) } as const;
      if (this.tell(peer, envelope)) this.#due.delete(member);
    }
  }

  /**
   * A node has read so much of the log, and so must this one before it goes on with what that sends.
   *
   * @param then - Called when it has, in a turn.
   */
  readTo(
    node: string,
    connection: Connection,
    sequence: number,
    known: number,
    then: () => void,
  ): void {
    if (sequence <= known) {
      then();
      return;
    }
    const patience = { stop: StopReason.HOOK, limitMs: READ_MS_MAX };
    const go = (): void => {
      this.#behind.delete(node);
      then();
    };
    wait(this.#core, connection, patience, go);
    this.#behind.set(node, { connection, sequence, go });
  }

  /** This node has read so much of the log. In a turn. */
  readOn(sequence: number): void {
    for (const behind of [...this.#behind.values()]) {
      if (behind.sequence <= sequence) goOn(this.#core, behind.connection, behind.go);
    }
  }

  gone(node: string): void {
    this.#behind.delete(node);
    for (const member of this.#due.keys()) if (member.node === node) this.#due.delete(member);
  }

  restart(): void {
    this.#behind.clear();
    this.#due.clear();
  }

  /** Sends a node something that is no message of anybody. @returns false: it has no room for it. */
  tell(peer: Peer, envelope: Envelope, payload: Uint8Array = NO_BYTES, receipt?: Receipt): boolean {
    const publication = new Publication(this.#core.routes.of("-"));
    publication.set(publication.route, 1, false, payload, 0, payload.length);
    publication.show(sealed(envelope));
    publication.receipt = receipt;
    return deliver(this.#core, peer.session, publication, 1, false, false) !== "dropped";
  }
}
