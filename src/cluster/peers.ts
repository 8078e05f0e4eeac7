import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type ConnectionInputs, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Chunk } from "./channel.js";
import type { Fabric } from "./fabric.js";
import type { Member } from "./order-state.js";
import { Peer } from "./peer.js";

/** The other nodes, each with its Session here. */
export class Peers {
  readonly #core: Core;
  readonly #inputs: ConnectionInputs;
  readonly #fabric: Pick<Fabric, "append" | "send">;
  #self: string;
  readonly #byNode = new Map<string, Peer>();
  readonly #bySession = new Map<ClientSession, Peer>();
  /** All there ever were: a message on its way to many may still name one. */
  readonly #sessions = new WeakSet<ClientSession>();

  constructor(
    core: Core,
    inputs: ConnectionInputs,
    fabric: Pick<Fabric, "append" | "send">,
    self: string,
  ) {
    this.#core = core;
    this.#inputs = inputs;
    this.#fabric = fabric;
    this.#self = self;
  }

  /** All there are. */
  all(): Iterable<Peer> {
    return this.#byNode.values();
  }

  isPeer(session: ClientSession): boolean {
    return this.#sessions.has(session);
  }

  /** `undefined`: it is gone. */
  of(session: ClientSession): Peer | undefined {
    return this.#bySession.get(session);
  }

  /** The name of the node that a Session is; "" for one that is gone. */
  nodeOf(session: ClientSession | undefined): string {
    return (session && this.#bySession.get(session)?.member.node) ?? "";
  }

  /** `undefined` for this node itself. */
  at(member: Member): Peer | undefined {
    return this.#byNode.get(member.node);
  }

  /** In a turn. */
  add(member: Member): Peer {
    const known = this.#byNode.get(member.node);
    if (known !== undefined) return known;
    const peer = new Peer(this.#core, this.#inputs, this.#fabric, this.#self, member);
    this.#byNode.set(member.node, peer);
    this.#bySession.set(peer.session, peer);
    this.#sessions.add(peer.session);
    return peer;
  }

  /**
   * A node is gone. In a turn.
   *
   * @returns what it has not acknowledged.
   */
  remove(peer: Peer): readonly Delivery[] {
    const core = this.#core;
    const { connection, session } = peer;
    this.#byNode.delete(peer.member.node);
    this.#bySession.delete(session);
    session.connection = undefined;
    connection.phase = Phase.CLOSED;
    core.wheel.cancel(connection);
    core.owing.delete(connection);
    core.waiting.delete(connection);
    core.busy.delete(connection);
    core.holding.delete(connection);
    core.unfinished.set(connection, 0);
    core.budgets.blocked.give(connection.blockedBytes);
    connection.blockedBytes = 0;
    connection.reader.discard();
    connection.outbox.sent(false);
    connection.held = undefined;
    const { task } = connection;
    connection.task = undefined;
    if (task?.outlivesConnection === true) core.busy.add(task); // others still wait for their copy
    return session.outbound.drain();
  }

  /** Every node, when this one starts anew. */
  restart(self: string): void {
    this.#self = self;
  }

  arrived(chunk: Chunk, nowMs: number): void {
    this.#byNode.get(chunk.from)?.arrived(chunk, nowMs);
  }

  /** Whether nobody waits for anything of this node that has not come, or is not acknowledged. */
  get areQuiet(): boolean {
    for (const { session, unsentBytes, queuedCount } of this.#byNode.values()) {
      if (unsentBytes + queuedCount + session.outbound.inFlightCount > 0) return false;
    }
    return true;
  }

  get hasWork(): boolean {
    for (const peer of this.#byNode.values()) if (peer.hasCome) return true;
    return false;
  }

  /** Between turns: what has come while it was not read. */
  work(nowMs: number): void {
    for (const peer of this.#byNode.values()) if (peer.hasCome) peer.takeOn(nowMs);
  }

  tick(nowMs: number): void {
    for (const peer of this.#byNode.values()) peer.tick(nowMs);
  }
}
