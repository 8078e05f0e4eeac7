import type { Identity } from "../ports/policy.js";
import { Message } from "../session/message.js";
import { RetainedMessage } from "../session/retained-message.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";

/** What it costs to keep a message, or to forget one: memory of its own, places in three tables. */
const KEPT_UNITS = 8;

/** RETAIN: the last message of a topic is kept for later subscribers, an empty one removes it. */
export function keepRetained(core: Core, publication: Publication): void {
  const { topicName, topic, kind } = publication.route;
  if (kind === RouteKind.MALFORMED) return; // dropped whole by the router [P2]
  if (kind === RouteKind.CLIENT) {
    core.drop("retained-point-to-point", topicName, undefined, publication.from); // [P13]
    return;
  }
  core.workLeft -= KEPT_UNITS; // [T9]
  const { block, payloadAt, payloadEnd, qos, from } = publication;
  if (payloadAt === payloadEnd) {
    forgetRetained(core, topicName); // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    if (core.cluster.isOn) tellOthers(core, topicName, undefined, publication);
    return;
  }
  // An array of its own: a small retained message must not keep a whole chunk alive.
  const payload = copyOf(block, payloadAt, payloadEnd);
  const author = core.authors.of(from);
  const message =
    author === undefined
      ? new Message(topicName, topic, payload, 0, payload.length, qos)
      : new RetainedMessage(author, topicName, topic, payload, 0, payload.length, qos);
  const isKept = placeRetained(core, message, from);
  if (core.cluster.isOn) tellOthers(core, topicName, isKept ? message : undefined, publication);
}

/**
 * Keeps a message in place of the one before, where there is room; else nothing is served any more
 * rather than the wrong thing, and the drop is counted.
 *
 * @param from - Who has published it, as far as that is known here.
 * @returns whether it is kept.
 */
export function placeRetained(core: Core, message: Message, from: Identity | undefined): boolean {
  const { topicName } = message;
  const previous = core.retained.get(topicName);
  const { retained } = core.budgets;
  if (core.memory.isTight && message.byteCount > (previous?.byteCount ?? 0)) {
    forgetRetained(core, topicName); // as where there is no room
    core.drop("memory-full", topicName, undefined, from); // [I12]
    return false;
  }
  const isFull =
    !retained.hasRoom(message.byteCount - (previous?.byteCount ?? 0)) ||
    (previous === undefined && core.retained.size >= core.limits.retainedMessagesMax);
  if (isFull) {
    // What was there is out of date now: nothing is served rather than the wrong thing.
    forgetRetained(core, topicName);
    core.drop("retained-full", topicName, undefined, from);
    return false;
  }
  core.retained.set(topicName, message); // [MQTT-3.3.1-5] [MQTT-3.3.1-7]
  if (isStored(core, topicName)) core.store.putRetained(message);
  retained.give(previous?.byteCount ?? 0);
  retained.take(message.byteCount);
  return true;
}

export function forgetRetained(core: Core, topicName: string): void {
  const previous = core.retained.delete(topicName);
  if (previous === undefined) return;
  if (isStored(core, topicName)) core.store.deleteRetained(topicName);
  core.budgets.retained.give(previous.byteCount);
}

/** What the server says of itself is out of date with its end: never on disk, nor at other nodes. */
export function outlivesServer(topicName: string): boolean {
  return !topicName.startsWith("$SYS/");
}

/** What all nodes keep alike is kept by none of them. */
function isStored({ cluster }: Core, topicName: string): boolean {
  return !cluster.isOn && outlivesServer(topicName);
}

/** All nodes keep it, or none. */
function tellOthers(
  core: Core,
  topicName: string,
  message: Message | undefined,
  publication: Publication,
): void {
  if (!outlivesServer(topicName)) return;
  const { cluster } = core;
  if (cluster.retained(topicName, message, publication)) return;
  forgetRetained(core, topicName);
  core.drop("retained-too-large", topicName, undefined, publication.from);
  cluster.retained(topicName, undefined, publication);
}
