import type { Fabric, FabricInputs } from "../../../src/cluster/fabric.js";
import type { Random } from "../../codec-fuzz/random.js";
import type { Scheduler } from "../scheduler.js";
import type { SimProcess } from "./sim-process.js";

/** How the network between nodes treats what it is given: one in so many. 0: never. */
export interface FabricFaults {
  readonly appendLost: number;
  readonly answerLost: number;
  readonly appendCopied: number;
  readonly sendLost: number;
  readonly sendCopied: number;
  /** The longest that anything takes. */
  readonly delayMsMax: number;
  /** Told of what is sent to a node, whatever becomes of it. */
  readonly sent?: (to: string, bytes: Uint8Array) => void;
}

/** What three servers would keep: one log, and nothing else. */
export class SimLog {
  readonly entries: { readonly bytes: Uint8Array; readonly atMs: number }[] = [];
  readonly #followers = new Set<SimFabric>();

  add(bytes: Uint8Array, atMs: number): void {
    this.entries.push({ bytes, atMs });
    for (const follower of this.#followers) follower.readOn();
  }

  follow(follower: SimFabric): void {
    this.#followers.add(follower);
  }

  leave(follower: SimFabric): void {
    this.#followers.delete(follower);
  }
}

const ANSWER_MS = 300;
const COPY_MS_MAX = 6_000;
const RECENT_MS = 30_000;
/** A process that starts anew more often has a fault. */
const OPENED_MAX = 50;

/** The Fabric of one process, over a network that is given faults. */
export class SimFabric implements Fabric {
  /** It reaches nobody, and nobody reaches it. */
  isCut = false;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #log: SimLog;
  readonly #process: SimProcess;
  readonly #inboxes: Map<string, SimFabric>;
  readonly #faults: FabricFaults;
  #inputs: FabricInputs | undefined;
  #node = "";
  #readTo = 0;
  #isReading = false;
  #opened = 0;

  constructor(
    scheduler: Scheduler,
    dice: Random,
    log: SimLog,
    process: SimProcess,
    inboxes: Map<string, SimFabric>,
    faults: FabricFaults,
  ) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#log = log;
    this.#process = process;
    this.#inboxes = inboxes;
    this.#faults = faults;
  }

  open(node: string, inputs: FabricInputs): void {
    this.#opened += 1;
    if (this.#opened > OPENED_MAX) throw new Error("it starts anew for ever");
    this.#inboxes.delete(this.#node);
    this.#node = node;
    this.#inputs = inputs;
    this.#inboxes.set(node, this);
    this.#log.follow(this);
    const sinceMs = this.#scheduler.nowMs - RECENT_MS;
    const { entries } = this.#log;
    const first = entries.findIndex(({ atMs }) => atMs >= sinceMs);
    this.#readTo = first === -1 ? entries.length : first;
    this.readOn();
  }

  /** How much of the log it has read. */
  get readTo(): number {
    return this.#readTo;
  }

  append(bytes: Uint8Array, done: (isStored: boolean) => void): void {
    const { appendLost, answerLost, appendCopied } = this.#faults;
    const copy = bytes.slice();
    const process = this.#process;
    if (this.isCut || this.#isHit(appendLost)) {
      this.#scheduler.after(ANSWER_MS, () => process.run(() => done(false)));
      return;
    }
    const isAnswered = !this.#isHit(answerLost);
    this.#scheduler.after(this.#delay(), () => {
      this.#log.add(copy, this.#scheduler.nowMs);
      const answerMs = isAnswered && !this.isCut ? this.#delay() : ANSWER_MS;
      this.#scheduler.after(answerMs, () => process.run(() => done(isAnswered && !this.isCut)));
    });
    if (!this.#isHit(appendCopied)) return;
    this.#scheduler.after(this.#dice.below(COPY_MS_MAX), () => {
      this.#log.add(copy, this.#scheduler.nowMs);
    });
  }

  send(node: string, bytes: Uint8Array): void {
    const { sendLost, sendCopied, sent } = this.#faults;
    sent?.(node, bytes);
    if (this.isCut || this.#isHit(sendLost)) return;
    this.#deliver(node, bytes.slice());
    if (this.#isHit(sendCopied)) this.#deliver(node, bytes.slice());
  }

  async close(): Promise<void> {
    this.end();
  }

  /** The process is gone. */
  end(): void {
    this.#log.leave(this);
    this.#inboxes.delete(this.#node);
    this.#inputs = undefined;
  }

  /** The network is back. */
  mend(): void {
    this.isCut = false;
    this.readOn();
  }

  /** Reads what there is, one after the other, each after its time. */
  readOn(): void {
    if (this.#isReading || this.isCut || this.#readTo >= this.#log.entries.length) return;
    this.#isReading = true;
    const inputs = this.#inputs;
    this.#scheduler.after(this.#delay(), () => {
      this.#process.run(() => {
        this.#isReading = false;
        const entry = this.#log.entries[this.#readTo];
        if (inputs !== this.#inputs || this.isCut || entry === undefined) {
          this.readOn();
          return;
        }
        // What has come meanwhile comes with it, as it would over one connection.
        for (let next = this.#log.entries[this.#readTo]; next !== undefined; ) {
          this.#readTo += 1;
          inputs?.ordered(this.#readTo, next.bytes);
          if (inputs !== this.#inputs) break;
          next = this.#log.entries[this.#readTo];
        }
        this.readOn();
      });
    });
  }

  #deliver(node: string, bytes: Uint8Array): void {
    this.#scheduler.after(this.#delay(), () => {
      const target = this.#inboxes.get(node);
      if (target === undefined || target.isCut) return;
      target.#process.run(() => {
        if (target.#node === node) target.#inputs?.arrived(bytes);
      });
    });
  }

  #delay(): number {
    return 1 + this.#dice.below(this.#faults.delayMsMax);
  }

  #isHit(turns: number): boolean {
    return turns > 0 && this.#dice.oneIn(turns);
  }
}
