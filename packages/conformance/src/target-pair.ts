import type { Clock, Target, Wire, WireEvents } from "./target.js";

/**
 * Two addresses of one broker, such as two nodes of a cluster, for one case: its connections go to one
 * and the other in turn, so that what two Clients have to do with each other passes between them.
 */
export class TargetPair implements Target {
  readonly clock: Clock;
  /** Nodes tell each other in milliseconds; a busy machine takes longer. */
  readonly learnMs = 300;
  readonly #targets: readonly [Target, Target];
  /** Where each Client with a Session that is kept was first. */
  readonly #homes = new Map<string, Target>();
  #isSecond = false;

  constructor(first: Target, second: Target) {
    this.clock = first.clock;
    this.#targets = [first, second];
  }

  /** @param home - A Client that comes back to the Session it left, and so to the same address. */
  dial(events: WireEvents, home?: string): Promise<Wire> {
    const target = (home === undefined ? undefined : this.#homes.get(home)) ?? this.#next();
    if (home !== undefined) this.#homes.set(home, target);
    return target.dial(events);
  }

  #next(): Target {
    const [first, second] = this.#targets;
    const target = this.#isSecond ? second : first;
    this.#isSecond = !this.#isSecond;
    return target;
  }
}
