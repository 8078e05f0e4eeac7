import type { Fabric, FabricInputs, KeptRecord } from "../../src/cluster/fabric.js";

/** The order log and the inboxes of some nodes in this process: nothing is lost, and all comes later. */
export class MemoryLog {
  readonly entries: Uint8Array[] = [];
  /** What is retained: the last record of each key, in the order of their places. */
  readonly records = new Map<string, { readonly sequence: number; readonly bytes: Uint8Array }>();
  lastRecord = 0;
  readonly fabrics = new Set<MemoryFabric>();

  fabric(): MemoryFabric {
    return new MemoryFabric(this);
  }
}

/** One node's way to the others. */
export class MemoryFabric implements Fabric {
  readonly #log: MemoryLog;
  #node = "";
  #inputs: FabricInputs | undefined;
  #read = 0;
  /** The longest record that it takes. */
  recordBytesMax = 1024 * 1024;
  #hasBegun = false;
  #recordsRead = 0;
  /** Nothing goes out and nothing comes in while it is. */
  isCut = false;
  isClosed = false;

  constructor(log: MemoryLog) {
    this.#log = log;
    log.fabrics.add(this);
  }

  open(node: string, inputs: FabricInputs): void {
    this.#node = node;
    this.#inputs = inputs;
    this.#read = 0;
    this.#hasBegun = false;
    this.#later(() => this.read());
  }

  append(bytes: Uint8Array, done: (isStored: boolean) => void): void {
    const kept = bytes.slice();
    this.#later(() => {
      if (this.isCut) {
        done(false);
        return;
      }
      this.#log.entries.push(kept);
      done(true);
      for (const fabric of this.#log.fabrics) fabric.read();
    });
  }

  send(node: string, bytes: Uint8Array): void {
    const kept = bytes.slice();
    this.#later(() => {
      if (this.isCut) return;
      for (const fabric of this.#log.fabrics) {
        if (fabric.#node === node && !fabric.isCut) fabric.#inputs?.arrived(kept);
      }
    });
  }

  keep({ key, number, bytes }: KeptRecord): void {
    const kept = bytes.slice();
    this.#later(() => {
      if (this.isCut) {
        setTimeout(() => this.#inputs?.kept(number, undefined), 20);
        return;
      }
      this.#log.lastRecord += 1;
      const sequence = this.#log.lastRecord;
      this.#log.records.delete(key); // the last one stands last
      this.#log.records.set(key, { sequence, bytes: kept });
      this.#inputs?.kept(number, sequence);
      for (const fabric of this.#log.fabrics) fabric.read();
    });
  }

  #readRecords(): void {
    if (this.isCut || this.#inputs === undefined) return;
    const isFirst = !this.#hasBegun;
    if (isFirst) {
      this.#hasBegun = true;
      this.#recordsRead = 0;
      this.#inputs.retainedBegin();
    }
    for (const { sequence, bytes } of [...this.#log.records.values()]) {
      if (sequence <= this.#recordsRead) continue;
      this.#recordsRead = sequence;
      this.#inputs?.retained(sequence, bytes);
    }
    if (isFirst) this.#inputs?.retainedEnd();
  }

  /** Reads on to the end of the log. */
  read(): void {
    this.#readRecords();
    while (!this.isCut && this.#inputs !== undefined && this.#read < this.#log.entries.length) {
      const bytes = this.#log.entries[this.#read] ?? new Uint8Array();
      this.#read += 1;
      this.#inputs.ordered(this.#read, bytes);
    }
  }

  /** Entries before the end are gone: nobody can read them any more. */
  lose(reason: Error): void {
    this.#inputs?.lost(reason);
  }

  async close(): Promise<void> {
    await new Promise(setImmediate); // what was sent has left
    this.isClosed = true;
    this.#inputs = undefined;
    this.#log.fabrics.delete(this);
  }

  #later(call: () => void): void {
    setImmediate(call);
  }
}
