import {
  Broker,
  type Connection,
  DEFAULT_LIMITS,
  type Identity,
  type Limits,
  type Pending,
  type Policy,
  type Verdict,
} from "../../src/engine.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import type { Random } from "../codec-fuzz/random.js";
import { textOf } from "../support/harness.js";
import { SimDisk } from "./disk.js";
import { idOf, type Ledger } from "./ledger.js";
import type { Plan } from "./profiles.js";
import { type Scheduler, SimNode } from "./scheduler.js";
import type { Wire } from "./wire.js";

const TICK_MS = 250;
const RETRY_MS = 100;
/** The longest pause before a commit that failed is tried again. */
export const RETRY_MS_MAX = 3_200;
/** How much of the memory is in use while it is short. */
const TIGHT_PERCENT = 95;

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
  #isRoundDue = false;
  #isStopping = false;
  #tightUntilMs = 0;
  #isMended = false;
  #limits: Partial<Limits>;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan, ledger: Ledger) {
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

  /** The owner stops the server, which closes everybody; then its process is killed. */
  restart(): void {
    this.#isStopping = true;
    this.broker.close(this.#scheduler.nowMs);
    this.#afterwards();
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
    this.#disk.fullUntilMs = this.#scheduler.nowMs + this.#dice.below(6_000);
  }

  tightenMemory(): void {
    this.#tightUntilMs = this.#scheduler.nowMs + this.#dice.below(6_000);
  }

  /** From now on disk and memory are fine, there is room for everybody, and nobody is refused. */
  mend(): void {
    const { connectionsMax } = DEFAULT_LIMITS;
    this.#limits = { ...this.#limits, connectionsMax };
    this.broker.changeLimits({ connectionsMax });
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
    const broker = new Broker({
      ...this.#plan.options,
      store,
      limits: this.#limits,
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
      const isTight = this.#tightUntilMs > scheduler.nowMs;
      this.turn(() => broker.tick(scheduler.nowMs, isTight ? TIGHT_PERCENT : 0));
      scheduler.after(TICK_MS, tick, node);
    };
    scheduler.after(TICK_MS, tick, node);
  }

  /** Flushes, and does what is left beyond a turn: at once, or in rounds, as a transport does. */
  #afterwards(): void {
    const { broker } = this;
    if (this.#plan.features.rounds && !this.#isStopping) {
      this.#ledger.check(broker, this.#limits);
      this.#scheduleRound();
      return;
    }
    broker.flush();
    for (let round = 0; broker.needsWork; round += 1) {
      if (round > 100_000) throw new Error("the engine's work never ends");
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

  #policy(node: SimNode): Policy {
    const { hookMs, features, refuseOneIn } = this.#plan;
    const later = <T>(answer: T): Pending<T> | T => this.#sometimesLater(node, answer);
    return {
      ...((hookMs > 0 || refuseOneIn > 0) && { authenticate: this.#authenticate(node) }),
      ...((hookMs > 0 || features.denials) && {
        mayPublish: (_from, topicName) => later(!isForbidden(topicName)),
        maySubscribe: (_from, topicFilter) => later(!isForbidden(topicFilter)),
      }),
      ...(hookMs > 0 && {
        maySendToClient: () => later(true),
        onMessage: ({ topicName, payload }) => {
          if (isForbidden(topicName)) return "drop";
          return topicName.startsWith("r/") ? { payload: payload.slice() } : undefined;
        },
      }),
      ...(features.forward && { forward: this.#forward(node) }),
    };
  }

  #authenticate(node: SimNode): Required<Policy>["authenticate"] {
    const { hookMs, refuseOneIn } = this.#plan;
    const dice = this.#dice;
    return (_attempt, answer) => {
      const isRefused = !this.#isMended && refuseOneIn > 0 && dice.oneIn(refuseOneIn);
      const isShort = !this.#isMended && refuseOneIn > 0 && dice.oneIn(4);
      const verdict: Verdict = isRefused
        ? dice.pick(REFUSALS)
        : {
            kind: "accepted",
            ...(isShort && { expiresAtMs: this.#scheduler.nowMs + dice.below(8_000) }),
          };
      this.#scheduler.after(
        dice.below(hookMs + 1),
        () => this.turn(() => answer(verdict, this.#scheduler.nowMs)),
        node,
      );
    };
  }

  #sometimesLater<T>(node: SimNode, answer: T): Pending<T> | T {
    const { hookMs } = this.#plan;
    if (hookMs === 0 || this.#dice.oneIn(2)) return answer;
    return {
      whenAnswered: (tell) =>
        this.#scheduler.after(
          this.#dice.below(hookMs),
          () => this.turn(() => tell(answer, this.#scheduler.nowMs)),
          node,
        ),
    };
  }

  #forward(node: SimNode): Required<Policy>["forward"] {
    const { hookMs } = this.#plan;
    return ({ payload }, _from: Identity, owe) => {
      this.#ledger.forwarded.add(idOf(textOf(payload)));
      if (this.#dice.oneIn(2)) return;
      const obligation = owe();
      this.#scheduler.after(
        this.#dice.below(hookMs + 1),
        () => this.turn(() => obligation.settle()),
        node,
      );
    };
  }
}

/** Nobody may publish or subscribe to what begins with `d/`. */
function isForbidden(topic: string): boolean {
  return topic.startsWith("d/");
}

const REFUSALS: readonly Verdict[] = [
  { kind: "refused", returnCode: 3 },
  { kind: "refused", returnCode: 5 },
  { kind: "closed" },
];
