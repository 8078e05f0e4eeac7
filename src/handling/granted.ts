import type { SubscriptionRequest } from "../protocol/packet.js";
import { SubackReturnCode } from "../protocol/return-codes.js";
import { owe } from "../sending/retained-backlog.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";
import { asksForShare } from "../topic/share-name.js";
import { isInbox } from "./inbox-filter.js";

/** What it costs to tell of a Subscription, and to note what it is owed. */
const GRANTED_UNITS = 2;

/**
 * What Subscriptions bring behind their SUBACK: they are told of, and owed their retained messages.
 * [M5] With thousands of them it goes on in later turns, and the telling also when the connection
 * has ended. [T2]
 */
export class Granted implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #connection: Connection;
  readonly #requests: readonly SubscriptionRequest[];
  readonly #returnCodes: readonly SubackReturnCode[];
  #at = 0;
  #isLate = false;

  /** @param returnCodes - As many as requests. */
  constructor(
    core: Core,
    connection: Connection,
    requests: readonly SubscriptionRequest[],
    returnCodes: readonly SubackReturnCode[],
  ) {
    this.#core = core;
    this.#connection = connection;
    this.#requests = requests;
    this.#returnCodes = returnCodes;
  }

  proceed(): boolean {
    const core = this.#core;
    const { length } = this.#requests;
    do {
      this.#grantNext();
      core.workLeft -= GRANTED_UNITS;
    } while (this.#at < length && core.workLeft > 0);
    const connection = this.#connection;
    if (this.#at < length) {
      if (!this.#isLate) connection.grantsUnderWay += 1;
      this.#isLate = true;
      return false;
    }
    if (this.#isLate) {
      connection.grantsUnderWay -= 1;
      if (connection.retainedBacklog !== undefined) core.owing.add(connection);
    }
    return true;
  }

  #grantNext(): void {
    const core = this.#core;
    const { identity, session, phase } = this.#connection;
    const { topicFilter } = this.#requests[this.#at] as SubscriptionRequest; // below their number
    const code = this.#returnCodes[this.#at] as SubackReturnCode;
    this.#at += 1;
    // It may be gone again by now: then it is owed nothing. [MQTT-3.10.4-2]
    if (code === SubackReturnCode.FAILURE || !session?.subscriptions.has(topicFilter)) return;
    if (identity !== undefined) core.events.onSubscribe?.(identity, topicFilter, code);
    if (phase !== Phase.ACCEPTED || asksForShare(topicFilter)) return; // [M30]
    if (!isInbox(core, topicFilter)) owe(core, this.#connection, topicFilter, code);
  }
}
