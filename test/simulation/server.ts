import {
  Broker,
  type Connection,
  DEFAULT_LIMITS,
  type EngineOptions,
  type Limits,
} from "../../src/engine.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import type { Random } from "../codec-fuzz/random.js";
import { SimDisk } from "./disk.js";
import { type HookWorld, hooksOf } from "./hooks.js";
import type { Ledger } from "./ledger.js";
import type { Plan } from "./profiles.js";
import { asking, publishing, receiving, retaining, sending } from "./rules.js";
import { type Scheduler, SimNode } from "./scheduler.js";
import { withStrangeHooks } from "./strange-hooks.js";
import type { Wire } from "./wire.js";

const TICK_MS = 250;
/** Guests answer at once, with thousands of packets, of which a turn may take one. */
const ROUNDS_MAX = 1_000_000;
const RETRY_MS = 100;
/** The longest pause before a commit that failed is tried again. */
export const RETRY_MS_MAX = 3_200;
/** How much of the memory is in use while it is short: from 92.5 on no queue in memory grows. */
const TIGHT_PERCENTS = [87, 95];

/** One server process after the other, over one disk. */
export class SimServer {
  node = new SimNode("server 0");
  broker!: Broker;
  starts = 0;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #ledger: Ledger;
  readonly #disk: SimDisk;
  readonly #wires = new Set<Wire>();
  readonly #names: readonly string[];
  #ids = 0;
  #isRoundDue = false;
  #isStopping = false;
  #tightUntilMs = 0;
  #isMended = false;
  #limits: Partial<Limits>;

  constructor(
    scheduler: Scheduler,
    dice: Random,
    plan: Plan,
    ledger: Ledger,
    names: readonly string[],
  ) {
    this.#names = names;
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
    this.#limits = plan.limits;
    this.#ledger = ledger;
    this.#disk = new SimDisk(scheduler, dice, plan);
    this.#start();
  }

  open(wire: Wire): Connection {
    this.#wires.add(wire);
    let connection: Connection | undefined;
    this.turn(() => {
      connection = this.broker.open(wire, this.#scheduler.nowMs);
    });
    return connection as unknown as Connection; // `turn` has just run it
  }

  /** An input of the engine, and what a transport does after it. */
  turn(input: () => void): void {
    if (!this.node.isAlive) return;
    input();
    this.afterwards();
  }

  /** The process dies, with all that was not on disk; a new one starts. */
  crash(): void {
    this.node.isAlive = false;
    this.#disk.powerLoss();
    this.#ledger.crashed();
    for (const wire of this.#wires) wire.serverDied();
    this.#wires.clear();
    this.#start();
  }

  /** The owner stops the server, which closes everybody; then its process is killed. */
  restart(): void {
    this.#isStopping = true;
    this.broker.close(this.#scheduler.nowMs);
    this.afterwards();
    this.#isStopping = false;
    this.node.isAlive = false;
    this.#disk.powerLoss();
    this.#ledger.stopped();
    for (const wire of this.#wires) wire.serverDied();
    this.#wires.clear();
    this.#start();
  }

  /** The owner closes a client's connection. */
  kick(clientId: string): void {
    this.turn(() => this.broker.disconnect(clientId, this.#scheduler.nowMs));
  }

  fillDisk(): void {
    this.#ledger.note("disk full");
    this.#disk.fullUntilMs = this.#scheduler.nowMs + this.#dice.below(12_000);
  }

  tightenMemory(): void {
    this.#tightUntilMs = this.#scheduler.nowMs + this.#dice.below(6_000);
  }

  /** One thing that somebody may not do any more, or may again. */
  changeRules(): void {
    const { rules } = this.#ledger;
    const [who, other] = [this.#dice.pick(this.#names), this.#dice.pick(this.#names)];
    const what = this.#dice.pick([
      publishing(`u/${who}`),
      retaining(`u/${who}`),
      receiving(who, `u/${other}`),
      receiving(who, `u/${other}`),
      sending(who, other),
      asking(who),
    ]);
    this.turn(() => {
      rules.toggle(what);
      this.#ledger.note(`rules: ${what} ${rules.isBarred(what)}`);
      this.broker.recheck(this.#scheduler.nowMs);
    });
  }

  /** From now on disk and memory are fine, there is room for everybody, and nobody is refused. */
  mend(): void {
    const { connectionsMax } = DEFAULT_LIMITS;
    this.#limits = { ...this.#limits, connectionsMax };
    this.broker.changeLimits({ connectionsMax });
    this.#ledger.rules.lift();
    this.#disk.isFaulty = false;
    this.#tightUntilMs = 0;
    this.#isMended = true;
  }

  #start(): void {
    this.starts += 1;
    this.node = new SimNode(`server ${this.starts}`);
    this.#disk.node = this.node;
    const { node } = this;
    const scheduler = this.#scheduler;
    const store = new KeyedStore({
      backend: this.#disk,
      gather: (commit) => scheduler.after(1, commit, node),
      retry: (commit, failures) =>
        scheduler.after(Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX), commit, node),
    });
    this.#isRoundDue = false;
    const { features, options } = this.#plan;
    const { pointToPoint } = options;
    const world = this.#hookWorld(node);
    const broker = new Broker({
      ...this.#plan.options,
      ...this.#sharesNow(),
      store,
      limits: this.#limits,
      makeClientId: () => `made-${++this.#ids}`,
      ...(features.storesForUnknown && { pointToPoint: { ...pointToPoint, mayStoreFor } }),
      policy: withStrangeHooks(hooksOf(world), world),
      events: this.#ledger.eventsFor(features.hidden),
    });
    this.broker = broker;
    store.onCommitted = () => {
      if (broker.inTurn) return;
      broker.committed(scheduler.nowMs);
      this.afterwards();
    };
    store.onFailed = (error) => {
      this.#ledger.diskFailedMs.push(scheduler.nowMs);
      this.#ledger.note("disk failed");
      broker.storeFailed(scheduler.nowMs, error);
      this.afterwards();
    };
    broker.restore(scheduler.nowMs);
    this.afterwards();
    const tick = (): void => {
      const isTight = this.#tightUntilMs > scheduler.nowMs;
      this.turn(() => broker.tick(scheduler.nowMs, isTight ? this.#dice.pick(TIGHT_PERCENTS) : 0));
      scheduler.after(TICK_MS, tick, node);
    };
    scheduler.after(TICK_MS, tick, node);
  }

  /** Where shares are off, every other run of the server has them: those of before are inert. [M30] */
  #sharesNow(): Pick<EngineOptions, "sharedSubscriptions"> {
    const { sharedSubscriptions = true } = this.#plan.options;
    return sharedSubscriptions ? {} : { sharedSubscriptions: this.starts % 2 === 0 };
  }

  /** Flushes, and does what is left beyond a turn: at once, or in rounds, as a transport does. */
  afterwards(): void {
    const { broker } = this;
    if (this.#plan.features.rounds && !this.#isStopping) {
      this.#ledger.check(broker, this.#limits);
      this.#scheduleRound();
      return;
    }
    broker.flush();
    for (let round = 0; broker.needsWork; round += 1) {
      if (round > ROUNDS_MAX) throw new Error("the engine's work never ends");
      broker.work(this.#scheduler.nowMs);
      broker.flush();
    }
    this.#ledger.check(broker, this.#limits);
  }

  #scheduleRound(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    // Some of what comes before the round is only taken down, as when the time of a round is up.
    this.broker.isPostponing = this.#dice.oneIn(4);
    this.#scheduler.after(this.#dice.below(3), () => this.#round(), this.node);
  }

  #round(): void {
    const { broker } = this;
    this.#isRoundDue = false;
    broker.isPostponing = false;
    for (let left = 1 + this.#dice.below(20); left > 0 && broker.needsWork; left -= 1) {
      broker.work(this.#scheduler.nowMs);
    }
    broker.flush(this.#dice.oneIn(2) ? 1 + this.#dice.below(4) : undefined);
    this.#ledger.check(broker, this.#limits);
    if (broker.needsWork || broker.unflushedCount > 0) this.#scheduleRound();
  }

  #hookWorld(node: SimNode): HookWorld {
    return {
      dice: this.#dice,
      plan: this.#plan,
      ledger: this.#ledger,
      names: this.#names,
      isMended: () => this.#isMended,
      nowMs: () => this.#scheduler.nowMs,
      later: (delayMs, tell) => this.#scheduler.after(delayMs, () => this.turn(tell), node),
    };
  }
}

/** Those that point-to-point messages are kept for although nobody has seen them. [P8] */
function mayStoreFor(clientId: string): boolean {
  return clientId.startsWith("nobody-1");
}
