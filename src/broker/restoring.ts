import { Session } from "../session/session.js";
import type { ClientSession } from "./client-directory.js";
import type { Core } from "./core.js";
import { publishMessage } from "./publishing.js";
import type { StoredSession } from "./store.js";
import { addSubscription } from "./subscribing.js";

/**
 * Takes up what an earlier run left in the Store: Sessions, Subscriptions, retained messages.
 * Queues stay in the pages until somebody asks. The Wills of Clients that were connected when that
 * run ended are published now, once. [MQTT-4.1.0-1] [M2]
 */
export function restore(core: Core): void {
  for (const message of core.store.retained()) {
    core.retained.set(message.topicName, message);
    core.stats.retainedBytes += message.byteCount;
  }
  // The directory finds the longest offline by their order: connected ones are offline since now.
  const stored = Array.from(core.store.sessions(), (session) => ({
    session,
    offlineSinceMs: session.offlineSinceMs || core.nowMs,
  })).sort((a, b) => a.offlineSinceMs - b.offlineSinceMs);
  for (const { session, offlineSinceMs } of stored) restoreSession(core, session, offlineSinceMs);
  for (const { key, clientId, username, senderIsDurable, will } of core.store.wills()) {
    core.store.deleteWill(key);
    const from = { clientId, username, remoteAddress: "" };
    const { topicName, payload, qos, retain } = will;
    publishMessage(core, from, senderIsDurable, topicName, payload, qos, retain);
  }
}

function restoreSession(core: Core, stored: StoredSession, offlineSinceMs: number): void {
  const { key, clientId, username } = stored;
  const pages = core.store.pagesOf(key);
  const session: ClientSession = new Session(clientId, false, username, core.limits, key, pages);
  session.outbound.restore();
  for (const packetId of stored.inbound) session.inbound.receive(packetId);
  core.sessions.add(session);
  for (const [topicFilter, grantedQos] of stored.subscriptions) {
    addSubscription(core, session, topicFilter, grantedQos);
  }
  core.sessions.setOffline(session, offlineSinceMs);
}
