import {
  Broker,
  type Connection,
  type Identity,
  type Pending,
  type Policy,
} from "../../src/engine.js";
import type { Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import type { Random } from "../codec-fuzz/random.js";
import { textOf } from "../support/harness.js";
import type { Ledger } from "./ledger.js";
import type { Plan } from "./profiles.js";
import { type Scheduler, SimNode } from "./scheduler.js";
import type { Wire } from "./wire.js";

const TICK_MS = 250;
const RETRY_MS = 100;

/** A disk that takes its time, fails now and then, and outlives the server. */
export class SimDisk extends MemoryBackend {
  node: SimNode | undefined;
  isFaulty = true;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  #underWay: readonly Operation[] | undefined;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan) {
    super();
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
  }

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    const { failOneIn, commitMs } = this.#plan;
    const fails = this.isFaulty && failOneIn > 0 && this.#dice.oneIn(failOneIn);
    this.#underWay = operations;
    this.#scheduler.after(
      commitMs === 0 ? 0 : this.#dice.below(commitMs * 2),
      () => {
        this.#underWay = undefined;
        if (!fails) for (const operation of operations) this.apply(operation);
        done(fails ? new Error("EIO: i/o error") : undefined);
      },
      this.node,
    );
  }

  /** The power goes: the commit under way has reached the disk, or not. */
  powerLoss(): void {
    if (this.#underWay !== undefined && this.#dice.oneIn(2)) {
      for (const operation of this.#underWay) this.apply(operation);
    }
    this.#underWay = undefined;
  }
}

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
  #ids = 0;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan, ledger: Ledger) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
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
    this.#afterwards();
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

  /** From now on the disk is fine. */
  mend(): void {
    this.#disk.isFaulty = false;
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
      retry: (commit) => scheduler.after(RETRY_MS, commit, node),
    });
    const broker = new Broker({
      store,
      limits: this.#plan.limits,
      makeClientId: () => `made-${++this.#ids}`,
      policy: this.#policy(node),
      events: this.#ledger.events,
    });
    this.broker = broker;
    store.onCommitted = () => {
      if (broker.inTurn) return;
      broker.committed(scheduler.nowMs);
      this.#afterwards();
    };
    store.onFailed = (error) => {
      this.#ledger.note("disk failed");
      broker.storeFailed(scheduler.nowMs, error);
      this.#afterwards();
    };
    broker.restore(scheduler.nowMs);
    this.#afterwards();
    const tick = (): void => {
      this.turn(() => broker.tick(scheduler.nowMs));
      scheduler.after(TICK_MS, tick, node);
    };
    scheduler.after(TICK_MS, tick, node);
  }

  #afterwards(): void {
    const { broker } = this;
    broker.flush();
    for (let round = 0; broker.needsWork; round += 1) {
      if (round > 10_000) throw new Error("the engine's work never ends");
      broker.work(this.#scheduler.nowMs);
      broker.flush();
    }
    this.#ledger.check(broker, this.#plan.limits);
  }

  #policy(node: SimNode): Policy {
    const { hookMs, features } = this.#plan;
    if (hookMs === 0) return {};
    const scheduler = this.#scheduler;
    const dice = this.#dice;
    const later = (): Pending<boolean> | true => {
      if (dice.oneIn(2)) return true;
      return {
        whenAnswered: (tell) =>
          scheduler.after(
            dice.below(hookMs),
            () => this.turn(() => tell(true, scheduler.nowMs)),
            node,
          ),
      };
    };
    return {
      authenticate: (_attempt, answer) =>
        scheduler.after(
          dice.below(hookMs),
          () => this.turn(() => answer({ kind: "accepted" }, scheduler.nowMs)),
          node,
        ),
      mayPublish: later,
      maySubscribe: later,
      maySendToClient: later,
      ...(features.forward && {
        forward: (message, from: Identity, owe) => {
          this.#ledger.handedOn(textOf(message.payload), from.clientId);
          if (dice.oneIn(2)) return;
          const obligation = owe();
          scheduler.after(dice.below(hookMs), () => this.turn(() => obligation.settle()), node);
        },
      }),
    };
  }
}
