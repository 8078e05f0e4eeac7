import type { Fabric, FabricInputs } from "../../src/cluster/fabric.js";

/** The order log and the inboxes of some nodes in this process: nothing is lost, and all comes later. */
export class MemoryLog {
  readonly entries: Uint8Array[] = [];
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

  /** Reads on to the end of the log. */
  read(): void {
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
