import { ID_BITS, writeHeld, writeRepeat } from "../sending/delivery.js";
import { writeAcknowledgement } from "../sending/outgoing.js";
import { proceed } from "../sending/retained-backlog.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { type HeldItem, HeldOwnCopy, HeldRepeat, HeldSuback } from "../state/held.js";
import { StopReason } from "../state/reading.js";
import { answerSubscribe } from "./subscribing.js";

/** What one thing that was held costs. */
const HELD_UNITS = 1;

/**
 * Sends what was held and has nothing to wait for any more: something always, then as far as the turn
 * goes. [M26]
 *
 * @returns false: something is left, and the turn has come to its end.
 */
export function release(core: Core, connection: Connection): boolean {
  const { held, session } = connection;
  if (held === undefined) return true;
  const { obligations } = core;
  for (let item = held.shift(obligations); item !== undefined; item = held.shift(obligations)) {
    send(core, connection, item);
    core.workLeft -= HELD_UNITS;
    if (core.workLeft <= 0) return false;
  }
  if (session !== undefined && (connection.retainedBacklog !== undefined || isQueued(session))) {
    if (!proceed(core, session)) core.owing.add(connection);
  }
  if (held.length > 0) return true;
  connection.held = undefined;
  core.holding.delete(connection);
  core.readAgain(connection, StopReason.HELD);
  return true;
}

/** What stands in the queue behind something held has nobody else to let it go. */
function isQueued({ outbound }: ClientSession): boolean {
  return outbound.queuedCount > 0;
}

function send(core: Core, connection: Connection, item: HeldItem): void {
  if (typeof item === "number") {
    writeAcknowledgement(core, connection, item >>> ID_BITS, item & 0xffff);
  } else if (item instanceof HeldSuback) {
    const rest = answerSubscribe(core, connection, item.suback, item.requests);
    if (rest !== undefined) core.busy.add(rest);
  } else if (item instanceof HeldRepeat) {
    writeRepeat(core, connection, item.delivery);
  } else if (item instanceof HeldOwnCopy) {
    writeHeld(core, connection, item.delivery);
  } else {
    writeHeld(core, connection, item);
  }
}
