import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import type { WillRecord } from "../ports/store.js";
import type { Connect, Will } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { passOn, wholeMessage } from "./passing-on.js";
import { refusalOf, withRights } from "./permissions.js";
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
  core.store.putWill({ key, clientId, username, senderIsDurable: !cleanSession, will });
}

/** A connection has ended: its Will is sent, at most once, unless it said DISCONNECT. [MQTT-3.1.2-10] */
export function publishWill(core: Core, connection: Connection, reason: CloseReason): void {
  const { identity, session, willKey } = connection;
  if (reason === "disconnected" || (reason === "taken-over" && !core.settings.willOnTakeOver)) {
    discardWill(core, connection); // [MQTT-3.1.2-12]
    return;
  }
  const will = takeWill(core, connection);
  if (will === undefined) return;
  send(core, identity, session?.cleanSession === false, will, willKey);
}

/** It is never sent, and nothing of it is kept. */
export function discardWill(core: Core, connection: Connection): void {
  const { willKey } = connection;
  if (takeWill(core, connection) !== undefined) core.store.deleteWill(willKey);
}

/** The Will of a Client that was connected when the last run of the server ended. [M2] */
export function publishLeftWill(core: Core, record: WillRecord): void {
  const { key, clientId, username, senderIsDurable, will } = record;
  const named = { clientId, username, remoteAddress: "", cleanSession: !senderIsDurable };
  // Rules that `authenticate` gave along ended with that run: those of everybody are left.
  send(core, withRights(core, named), senderIsDurable, will, key);
}

function takeWill(core: Core, connection: Connection): Will | undefined {
  const { will } = connection;
  if (will === undefined) return undefined;
  connection.will = undefined;
  core.budgets.wills.give(willBytes(will));
  return will;
}

/**
 * It stays in the Store until it is known whether it may be sent: nothing is lost when the server
 * ends before. With RETAIN it is kept as well, like any message. [MQTT-3.1.2-16] [MQTT-3.1.2-17]
 */
function send(
  core: Core,
  from: Identity | undefined,
  senderIsDurable: boolean,
  will: Will,
  key: number,
): void {
  const publication = wholeMessage(core, from, senderIsDurable, will);
  const refusal = refusalOf(core, publication);
  if (typeof refusal !== "object") {
    core.store.deleteWill(key);
    passOn(core, publication, refusal);
    return;
  }
  const bytes = willBytes(will);
  core.budgets.wills.take(bytes); // it counts until it is known [B09]
  askWithoutConnection(core, refusal, (may) => {
    core.budgets.wills.give(bytes);
    core.store.deleteWill(key);
    passOn(core, publication, may ? undefined : "denied");
  });
}
