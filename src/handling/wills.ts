import type { Identity } from "../ports/policy.js";
import type { CloseReason, DropReason } from "../ports/reasons.js";
import type { WillRecord } from "../ports/store.js";
import type { Connect, Will } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import type { Task } from "../state/task.js";
import type { FanOut } from "./fan-out.js";
import { passOn, wholeMessage } from "./passing-on.js";
import { refusalOf, withRights } from "./permissions.js";
import { hasRemains, leaveBehind } from "./remains.js";
import { askWithoutConnection } from "./waiting.js";

/** What a Will counts against `limits.willBytesMax`. */
export function willBytes(will: Will): number {
  return will.topicName.length + will.payload.length;
}

/** A Will outlives a crash of the server: it is published when that comes back. */
export function recordWill(core: Core, connection: Connection, connect: Connect): void {
  const { clientId, username, cleanSession, will } = connect;
  if (will === undefined) return;
  connection.will = will;
  core.budgets.wills.take(willBytes(will));
  const key = core.store.nextKey();
  connection.willKey = key;
  const { listener } = connection.link;
  core.store.putWill({ key, clientId, username, listener, senderIsDurable: !cleanSession, will });
}

/** A connection has ended: its Will is sent, at most once, unless it said DISCONNECT. [MQTT-3.1.2-10] */
export function publishWill(core: Core, connection: Connection, reason: CloseReason): void {
  const { identity, session, willKey } = connection;
  if (reason === "disconnected" || (reason === "taken-over" && !core.settings.willOnTakeOver)) {
    discardWill(core, connection); // [MQTT-3.1.2-12]
    return;
  }
  const will = takeWill(core, connection);
  if (will === undefined || session === undefined) return;
  sendInTurn(core, new WillTask(core, identity, session, will, willKey));
}

/** It is never sent, and nothing of it is kept. */
export function discardWill(core: Core, connection: Connection): void {
  const { willKey } = connection;
  if (takeWill(core, connection) !== undefined) core.store.discardWill(willKey);
}

/** The Will of a Client that was connected when the last run of the server ended. [M2] */
export function publishLeftWill(core: Core, record: WillRecord): void {
  const { key, clientId, username, listener, senderIsDurable, will } = record;
  const named = { clientId, username, listener, remoteAddress: "", cleanSession: !senderIsDurable };
  // Rules that `authenticate` gave along ended with that run: those of everybody are left.
  const from = withRights(core, named);
  sendInTurn(
    core,
    new WillTask(core, from, { clientId, cleanSession: !senderIsDurable }, will, key),
  );
}

/**
 * Now, if this turn has room for it: when a thousand Clients are gone at once, their connections are
 * closed first, and nothing is sent to those.
 */
function sendInTurn(core: Core, task: WillTask): void {
  const { clientId } = task.owner;
  const isNow = core.workLeft > 0 && !hasRemains(core, clientId);
  if (!isNow || !task.proceed()) leaveBehind(core, clientId, task);
}

/** A Will on its way: asked for, passed on, and taken out of the Store with its last receiver. [M2] */
class WillTask implements Task {
  readonly outlivesConnection = true;
  readonly owner: WillOwner;
  readonly #core: Core;
  readonly #from: Identity | undefined;
  readonly #will: Will;
  readonly #key: number;
  #isBegun = false;
  #fanOut: FanOut | undefined;

  constructor(core: Core, from: Identity | undefined, owner: WillOwner, will: Will, key: number) {
    this.owner = owner;
    this.#core = core;
    this.#from = from;
    this.#will = will;
    this.#key = key;
    core.budgets.wills.take(willBytes(will)); // it counts until it is passed on [B09]
  }

  proceed(): boolean {
    if (!this.#isBegun) return this.#begin();
    if (this.#fanOut?.proceed() === false) return false;
    this.#core.store.deleteWill(this.#key);
    return true;
  }

  /**
   * It stays in the Store until it is known whether it may be sent: nothing is lost when the server
   * ends before. With RETAIN it is kept as well, like any message. [MQTT-3.1.2-16] [MQTT-3.1.2-17]
   */
  #begin(): boolean {
    this.#isBegun = true;
    const core = this.#core;
    const publication = wholeMessage(core, this.#from, !this.owner.cleanSession, this.#will);
    const refusal = refusalOf(core, publication);
    if (typeof refusal !== "object") return this.#passOn(publication, refusal);
    askWithoutConnection(core, refusal, (may) => {
      if (!this.#passOn(publication, may ? undefined : "denied")) {
        leaveBehind(core, this.owner.clientId, this);
      }
    });
    return true; // nobody waits for the answer
  }

  #passOn(publication: Publication, refusal: DropReason | undefined): boolean {
    const core = this.#core;
    core.budgets.wills.give(willBytes(this.#will));
    this.#fanOut = passOn(core, publication, refusal);
    if (this.#fanOut !== undefined) return false;
    core.store.deleteWill(this.#key);
    return true;
  }
}

/** Whose Will it is. */
interface WillOwner {
  readonly clientId: string;
  readonly cleanSession: boolean;
}

function takeWill(core: Core, connection: Connection): Will | undefined {
  const { will } = connection;
  if (will === undefined) return undefined;
  connection.will = undefined;
  core.budgets.wills.give(willBytes(will));
  return will;
}
