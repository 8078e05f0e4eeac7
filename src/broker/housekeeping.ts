import { closeConnection } from "../handling/closing.js";
import { endSession } from "../handling/ending.js";
import { readOn } from "../handling/throttling.js";
import { endOldQuestion, goOn } from "../handling/waiting.js";
import { unrecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf, stalledAtMs } from "../state/deadlines.js";
import type { Task } from "../state/task.js";

/** Sessions and inboxes whose queues are looked at for each tick. */
const LOOKED_AT_MAX = 1_000;
/** What it costs to look at a connection, a queue or a question. */
const LOOK_UNITS = 1;
/** What the end of a Session costs besides its messages and its Subscriptions. */
const SESSION_UNITS = 10;

/**
 * Everything that only time brings: silence, waits that took too long, age. A tick begins it, and does
 * as much as a turn may do; the rest has its turn with everybody else's work. [I13] [T2] [T6]
 */
export class Housekeeping implements Task {
  readonly outlivesConnection = true;
  readonly isTidying = true;
  readonly #core: Core;
  /** Those to be looked at, up to `#dueAt` done. */
  #due: Connection[] = [];
  #dueAt = 0;
  #sessionsLeft = 0;
  #inboxesLeft = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** A tick. Only inside a turn. */
  keep(): void {
    const core = this.#core;
    core.wheel.advance(core.nowMs, this.#due);
    core.pool.trim();
    core.usage.tick(core.nowMs);
    core.stats.busiest = core.usage.busiest;
    core.obligations.expire(core.nowMs);
    if (core.cluster.isOn) core.cluster.tick();
    this.#sessionsLeft = Math.min(LOOKED_AT_MAX, core.sessions.offlineCount);
    this.#inboxesLeft = Math.min(LOOKED_AT_MAX, core.inboxes.size);
    if (this.proceed()) core.busy.delete(this);
    else core.busy.add(this);
  }

  proceed(): boolean {
    do {
      if (!this.#step()) return true;
    } while (this.#core.workLeft > 0);
    return false;
  }

  /** @returns false: there is nothing to do. */
  #step(): boolean {
    const core = this.#core;
    core.workLeft -= LOOK_UNITS;
    if (this.#dueAt < this.#due.length) this.#wakeNext();
    else if (!endOldQuestion(core) && !endOldSession(core)) return this.#expireQueued();
    return true;
  }

  #wakeNext(): void {
    const connection = this.#due[this.#dueAt] as Connection; // below its length
    this.#dueAt += 1;
    if (this.#dueAt === this.#due.length) {
      this.#due = [];
      this.#dueAt = 0;
    }
    wake(this.#core, connection);
  }

  /**
   * Old point-to-point messages in the queues of offline Clients and in inboxes: some a tick, in turn,
   * so that what nobody comes for does not fill the total for everybody. Queues from an earlier run are
   * counted on the way. [P9]
   */
  #expireQueued(): boolean {
    const core = this.#core;
    if (this.#sessionsLeft > 0) {
      this.#sessionsLeft -= 1;
      const session = core.sessions.nextOffline();
      if (session !== undefined) expireIn(core, session);
      return true;
    }
    if (this.#inboxesLeft === 0) return false;
    this.#inboxesLeft -= 1;
    const { expired, found } = core.inboxes.expire(core.nowMs, 1);
    core.budgets.pointToPoint.take(found - expired.length);
    core.workLeft -= found + expired.length;
    for (const { clientId, delivery } of expired) abandon(core, delivery, "expired", clientId);
    return true;
  }
}

function expireIn(core: Core, session: ClientSession): void {
  const { outbound } = session;
  const known = outbound.queuedCount;
  core.budgets.pointToPoint.take(outbound.tally());
  core.workLeft -= outbound.queuedCount - known;
  if (outbound.queuedPointToPointCount === 0) return;
  const expired: Delivery[] = [];
  outbound.removeExpired(core.nowMs, expired);
  core.workLeft -= expired.length;
  for (const delivery of expired) {
    unrecord(core, session, delivery);
    core.budgets.pointToPoint.give();
    abandon(core, delivery, "expired", session.clientId);
  }
}

function wake(core: Core, connection: Connection): void {
  const deadlineMs = deadlineOf(core.limits, connection);
  if (deadlineMs > core.nowMs) {
    core.wheel.schedule(connection, deadlineMs);
    return;
  }
  if (connection.phase === Phase.EXPECTING_CONNECT) {
    closeConnection(core, connection, "connect-timeout");
  } else if (connection.expiresAtMs <= core.nowMs) {
    closeConnection(core, connection, "credentials-expired");
  } else if (connection.waiting !== undefined && connection.waiting.deadlineMs <= core.nowMs) {
    goOn(core, connection, connection.waiting.timeUp); // a late answer finds nothing
  } else if ((connection.allowance?.readAgainMs ?? core.nowMs + 1) <= core.nowMs) {
    readOn(core, connection);
  } else if (stalledAtMs(core.limits, connection) <= core.nowMs) {
    closeConnection(core, connection, "stalled"); // [M24]
  } else {
    closeConnection(core, connection, "keep-alive"); // [MQTT-3.1.2-24]
  }
}

/**
 * Ends a Session that nobody came back to: too old, or one too many. [F12]
 *
 * @returns false: there is none.
 */
function endOldSession(core: Core): boolean {
  const isFull = core.sessions.offlineCount > core.limits.offlineSessionsMax;
  const beforeMs = isFull ? Number.POSITIVE_INFINITY : core.nowMs - core.limits.sessionExpiryMs;
  const session = core.sessions.longestOffline(beforeMs);
  if (session === undefined) return false;
  core.workLeft -= SESSION_UNITS;
  endSession(core, session);
  core.stats.sessionsExpired += 1;
  return true;
}
