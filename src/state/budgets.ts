import type { Limits } from "../ports/limits.js";

/**
 * So much of something that there may be no more of: what is there now, held against a limit.
 * It enforces a limit, so that no statistics need be right for that.
 */
export class Budget {
  #max: number;
  /** What is taken now. A plain field. */
  used = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Another limit from now on. What is taken stays taken. */
  changeLimit(max: number): void {
    this.#max = max;
  }

  /** Whether there is room for so much more. */
  hasRoom(amount = 1): boolean {
    return this.used + amount <= this.#max;
  }

  /** Takes it, whether there is room or not: whoever may be refused asks first. */
  take(amount = 1): void {
    this.used += amount;
  }

  give(amount = 1): void {
    this.used -= amount;
  }
}

/** What all Clients together may take of each, and have taken. */
export class Budgets {
  /** Network Connections, accepted or not. */
  readonly connections: Budget;
  /** Point-to-point messages kept for Clients that cannot take them now. [P9] */
  readonly pointToPoint: Budget;
  /** Bytes of retained messages. */
  readonly retained: Budget;
  /** Bytes of the Topic Filters of all Sessions. [T7] */
  readonly subscriptions: Budget;
  /** Bytes of the Wills of connected Clients. */
  readonly wills: Budget;
  /** Bytes waiting for peers that do not take them. [M24] */
  readonly blocked: Budget;

  constructor(limits: Limits) {
    this.connections = new Budget(limits.connectionsMax);
    this.pointToPoint = new Budget(limits.pointToPointTotalMax);
    this.retained = new Budget(limits.retainedBytesMax);
    this.subscriptions = new Budget(limits.subscriptionBytesMax);
    this.wills = new Budget(limits.willBytesMax);
    this.blocked = new Budget(limits.outboundTotalBytesMax);
  }

  /** Other limits from now on. */
  changeLimits(limits: Limits): void {
    this.connections.changeLimit(limits.connectionsMax);
    this.pointToPoint.changeLimit(limits.pointToPointTotalMax);
    this.retained.changeLimit(limits.retainedBytesMax);
    this.subscriptions.changeLimit(limits.subscriptionBytesMax);
    this.wills.changeLimit(limits.willBytesMax);
    this.blocked.changeLimit(limits.outboundTotalBytesMax);
  }
}
