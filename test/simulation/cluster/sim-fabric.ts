import type { Fabric, FabricInputs, KeptRecord } from "../../../src/cluster/fabric.js";
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

/** Those who have not heard for so long read from the first record on. */
const REMOVAL_MS = 60_000;

/** What is retained: one record of each key, and nothing that says that there is none for long. */
export class SimRecords {
  readonly #byKey = new Map<
    string,
    { readonly sequence: number; readonly record: KeptRecord; readonly atMs: number }
  >();
  /** Where the first copy of each stands. */
  readonly #places = new Map<string, number>();
  last = 0;

  add(id: string, record: KeptRecord, atMs: number): number {
    const place = this.#places.get(id);
    if (place !== undefined) return place;
    this.last += 1;
    this.#places.set(id, this.last);
    this.#byKey.delete(record.key); // the last one stands last
    this.#byKey.set(record.key, { sequence: this.last, record, atMs });
    for (const [key, old] of this.#byKey) {
      if (old.record.isRemoval && atMs - old.atMs > REMOVAL_MS) this.#byKey.delete(key);
    }
    return this.last;
  }

  /** The next ones behind a place. */
  after(sequence: number, countMax: number): { sequence: number; bytes: Uint8Array }[] {
    return [...this.#byKey.values()]
      .filter((one) => one.sequence > sequence)
      .slice(0, countMax)
      .map((one) => ({ sequence: one.sequence, bytes: one.record.bytes }));
  }
}

/** What three servers would keep: one log, and nothing else. */
export class SimLog {
  readonly entries: { readonly bytes: Uint8Array; readonly atMs: number }[] = [];
  readonly records = new SimRecords();
  readonly #followers = new Set<SimFabric>();

  add(bytes: Uint8Array, atMs: number): void {
    this.entries.push({ bytes, atMs });
    for (const follower of this.#followers) follower.readOn();
  }

  /** @returns its place, or that of the first copy. */
  keep(id: string, record: KeptRecord, atMs: number): number {
    const sequence = this.records.add(id, record, atMs);
    for (const follower of this.#followers) follower.readRecords();
    return sequence;
  }

  follow(follower: SimFabric): void {
    this.#followers.add(follower);
  }

  leave(follower: SimFabric): void {
    this.#followers.delete(follower);
  }
}

const ANSWER_MS = 300;
const RECORDS_AT_ONCE = 2;
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
  readonly recordBytesMax = 1024 * 1024;
  /** Whether it has begun to read what is retained, whether all that there was is read, and up to where. */
  #hasBegun = false;
  #recordsEnd: number | undefined;
  #recordsReadTo = 0;
  #isReadingRecords = false;

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
    this.#hasBegun = false;
    this.readRecords();
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

  keep(record: KeptRecord): void {
    const { appendLost, answerLost, appendCopied } = this.#faults;
    const copy = { ...record, bytes: record.bytes.slice() };
    const process = this.#process;
    const inputs = this.#inputs;
    const answer = (afterMs: number, sequence?: () => number): void => {
      this.#scheduler.after(afterMs, () =>
        process.run(() => {
          if (this.#inputs === inputs) inputs?.kept(record.number, sequence?.());
        }),
      );
    };
    if (this.isCut || this.#isHit(appendLost)) {
      answer(ANSWER_MS);
      return;
    }
    const id = `${this.#node} ${record.number}`;
    const isAnswered = !this.#isHit(answerLost);
    this.#scheduler.after(this.#delay(), () => {
      const sequence = this.#log.keep(id, copy, this.#scheduler.nowMs);
      if (isAnswered && !this.isCut) answer(this.#delay(), () => sequence);
      else answer(ANSWER_MS);
    });
    if (!this.#isHit(appendCopied)) return;
    this.#scheduler.after(this.#dice.below(COPY_MS_MAX), () => {
      this.#log.keep(id, copy, this.#scheduler.nowMs);
    });
  }

  send(node: string, bytes: Uint8Array): void {
    const { sendLost, sendCopied, sent } = this.#faults;
    sent?.(node, bytes);
    if (this.isCut || this.#isHit(sendLost)) return;
    this.#deliver(node, bytes.slice());
    if (this.#isHit(sendCopied)) this.#deliver(node, bytes.slice());
  }

  /** A stranger writes to its inbox. */
  intrude(bytes: Uint8Array): void {
    this.#deliver(this.#node, bytes);
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
    this.readRecords();
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

  /** Reads what is retained: from the first on when it is opened, then what is new. */
  readRecords(): void {
    if (this.#isReadingRecords || this.isCut || this.#inputs === undefined) return;
    if (this.#hasBegun && this.#recordsReadTo >= this.#log.records.last) return;
    this.#isReadingRecords = true;
    const inputs = this.#inputs;
    this.#scheduler.after(this.#delay(), () => {
      this.#process.run(() => {
        this.#isReadingRecords = false;
        if (inputs === this.#inputs && !this.isCut) this.#tellRecords(inputs);
        this.readRecords();
      });
    });
  }

  #tellRecords(inputs: FabricInputs): void {
    const { records } = this.#log;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#recordsReadTo = 0;
      this.#recordsEnd = records.last;
      inputs.retainedBegin();
    }
    // A few at a time: others come between, and what was replaced meanwhile is not told.
    for (const { sequence, bytes } of records.after(this.#recordsReadTo, RECORDS_AT_ONCE)) {
      this.#recordsReadTo = sequence;
      inputs.retained(sequence, bytes);
      if (inputs !== this.#inputs) return;
    }
    if (records.after(this.#recordsReadTo, 1).length === 0) this.#recordsReadTo = records.last;
    if (this.#recordsEnd === undefined || this.#recordsReadTo < this.#recordsEnd) return;
    this.#recordsEnd = undefined;
    inputs.retainedEnd();
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
