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
  const { block, payloadAt, payloadEnd, qos } = publication;
  if (payloadAt === payloadEnd) {
    forgetRetained(core, topicName); // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    return;
  }
  // An array of its own: a small retained message must not keep a whole chunk alive.
  const payload = copyOf(block, payloadAt, payloadEnd);
  const author = core.authors.of(publication.from);
  const message =
    author === undefined
      ? new Message(topicName, topic, payload, 0, payload.length, qos)
      : new RetainedMessage(author, topicName, topic, payload, 0, payload.length, qos);
  const previous = core.retained.get(topicName);
  const { retained } = core.budgets;
  if (core.memory.isTight && message.byteCount > (previous?.byteCount ?? 0)) {
    forgetRetained(core, topicName); // as where there is no room
    core.drop("memory-full", topicName, undefined, publication.from); // [I12]
    return;
  }
  const isFull =
    !retained.hasRoom(message.byteCount - (previous?.byteCount ?? 0)) ||
    (previous === undefined && core.retained.size >= core.limits.retainedMessagesMax);
  if (isFull) {
    // What was there is out of date now: nothing is served rather than the wrong thing.
    forgetRetained(core, topicName);
    core.drop("retained-full", topicName, undefined, publication.from);
    return;
  }
  core.retained.set(topicName, message); // [MQTT-3.3.1-5] [MQTT-3.3.1-7]
  if (isKept(topicName)) core.store.putRetained(message);
  retained.give(previous?.byteCount ?? 0);
  retained.take(message.byteCount);
}

function forgetRetained(core: Core, topicName: string): void {
  const previous = core.retained.delete(topicName);
  if (previous === undefined) return;
  if (isKept(topicName)) core.store.deleteRetained(topicName);
  core.budgets.retained.give(previous.byteCount);
}

/** What the server says of itself is out of date with its end: it is never on disk. */
function isKept(topicName: string): boolean {
  return !topicName.startsWith("$SYS/");
}
