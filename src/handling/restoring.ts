import type { StoredSession } from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import { type NumberedIdentifier, Numbering } from "../session/numbering.js";
import { Seen, type SeenMessage } from "../session/seen.js";
import { Session } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { shareNameOf } from "../topic/share-name.js";
import { hasWildcard } from "../topic/topic-filter.js";
import { tooDear } from "./room-for-filter.js";
import { addSubscription, deny } from "./subscribing.js";
import { publishLeftWill } from "./wills.js";

/**
 * Takes up what an earlier run left in the Store: Sessions, Subscriptions, retained messages.
 * Queues stay in the pages until somebody asks. The Wills of Clients that were connected when that
 * run ended are published now, once. [MQTT-4.1.0-1] [M2]
 */
export function restore(core: Core): void {
  for (const message of core.store.retained()) {
    core.retained.set(message.topicName, message);
    core.budgets.retained.take(message.byteCount);
  }
  restoreSessions(core);
  core.leftWills.push(...core.store.wills());
  if (!core.cluster.isOn) publishLeftWills(core);
}

/** Where there are other nodes: when they can get them. */
export function publishLeftWills(core: Core): void {
  const records = core.leftWills;
  core.leftWills = [];
  for (const record of records) publishLeftWill(core, record);
}

/** One after the other, so that what was read for one is garbage before the next: O(n log n). */
function restoreSessions(core: Core): void {
  const sessions: ClientSession[] = [];
  const offlineSinceMs: number[] = [];
  for (const stored of core.store.sessions()) {
    sessions.push(restoreSession(core, stored));
    offlineSinceMs.push(stored.offlineSinceMs || core.nowMs); // connected ones are offline since now
  }
  // The directory finds the longest offline by the order in which they come.
  const order = Uint32Array.from(sessions.keys());
  order.sort((a, b) => (offlineSinceMs[a] as number) - (offlineSinceMs[b] as number)); // all within
  for (const at of order) {
    core.sessions.setOffline(sessions[at] as ClientSession, offlineSinceMs[at] as number);
  }
}

function restoreSession(core: Core, stored: StoredSession): ClientSession {
  const { key, clientId, username, isBridge = false, isArriving = false } = stored;
  if (isArriving) core.arriving.add(clientId);
  const { limits, memory } = core;
  const pages = core.store.pagesOf(key);
  const session: ClientSession = new Session(
    clientId,
    false,
    username,
    limits,
    key,
    pages,
    memory.messages,
  );
  session.isBridge = isBridge;
  session.outbound.restore();
  for (const packetId of stored.inbound) session.inbound.receive(packetId);
  restoreNumbers(session, stored);
  core.sessions.add(session);
  for (const [topicFilter, grantedQos] of stored.subscriptions) {
    restoreSubscription(core, session, topicFilter, grantedQos);
  }
  return session;
}

/** [M36] */
function restoreNumbers(session: ClientSession, stored: StoredSession): void {
  const { numberFloor = 0, numbered = [], seen = [] } = stored;
  if (numberFloor > 0 || numbered.length > 0) takeNumbers(session, numberFloor, numbered);
  for (const [publisherId, all] of seen) takeSeen(session, publisherId, all);
}

/** Numbers of what its Client has published, as they were before, or elsewhere. [M36] */
export function takeNumbers(
  { inbound }: ClientSession,
  floor: number,
  numbered: readonly NumberedIdentifier[],
): void {
  inbound.numbering ??= new Numbering();
  inbound.numbering.restore(floor, numbered);
  for (const { packetId, number, isReleased } of numbered) {
    if (!isReleased) inbound.setNumber(packetId, number);
  }
}

/** What it was given of one publisher. [M36] */
export function takeSeen(
  session: ClientSession,
  publisherId: string,
  all: readonly SeenMessage[],
): void {
  session.seen ??= new Seen();
  session.seen.restore(publisherId, all);
}

/** What an earlier version granted may cost each message more than it may now. [T3] */
export function restoreSubscription(
  core: Core,
  session: ClientSession,
  topicFilter: string,
  grantedQos: QoS,
): void {
  const topics = shareNameOf(topicFilter)?.topicFilter ?? topicFilter;
  const reason = hasWildcard(topics) ? tooDear(core, session, topicFilter, topics) : undefined;
  if (reason === undefined) {
    addSubscription(core, session, topicFilter, grantedQos);
    return;
  }
  const { clientId, username, storeKey } = session;
  core.store.deleteSubscription(storeKey, topicFilter);
  deny(core, { clientId, username, remoteAddress: "", cleanSession: false }, topicFilter, reason);
}
