import type { Clock, Target, Wire, WireEvents } from "../../../packages/conformance/src/target.js";
import { Broker, type Connection, type EngineOptions } from "../../../src/engine.js";
import { KeyedStore } from "../../../src/store/keyed-store.js";
import { FakeLink } from "../fake-link.js";
import type { SlowDisk } from "./slow-disk.js";

/** A transport calls `tick` about this often. */
const TICK_MS = 250;

interface Open {
  readonly link: FakeLink;
  readonly connection: Connection;
  readonly events: WireEvents;
  isOver: boolean;
}

/** The engine in this process behind fake links, in virtual time: silence costs nothing. */
export class EngineTarget implements Target {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly #open = new Set<Open>();
  readonly #disk: SlowDisk | undefined;
  #nowMs = TICK_MS;
  #stepMs = TICK_MS;
  #step: Promise<void> | undefined;
  #ids = 0;

  /** @param disk - Where state is kept; it commits only while time passes. Default: nowhere. */
  constructor(options: Partial<EngineOptions> = {}, disk?: SlowDisk) {
    this.#disk = disk;
    const store = disk === undefined ? undefined : storeOn(disk);
    this.broker = new Broker({
      ...(store === undefined ? {} : { store }),
      makeClientId: () => `made-${++this.#ids}`,
      events: {
        onInternalError: (error) => {
          throw error; // a bug of ours must fail the case it shows up in
        },
      },
      ...options,
    });
    if (store !== undefined) {
      store.onCommitted = () => this.broker.committed(this.#nowMs);
      this.broker.restore(this.#nowMs);
    }
    this.clock = {
      now: () => this.#nowMs,
      pass: (ms) => this.#pass(ms),
      quietMs: 1_000,
      patienceMs: 5_000,
      slackMs: 0,
    };
  }

  async dial(events: WireEvents): Promise<Wire> {
    const link = new FakeLink();
    const connection = this.broker.open(link, this.#nowMs);
    const open: Open = { link, connection, events, isOver: false };
    this.#open.add(open);
    this.#settle();
    return {
      send: (bytes) => {
        if (!open.isOver) connection.receive(bytes.slice(), this.#nowMs);
        this.#settle();
      },
      finish: () => this.#lose(open),
      destroy: () => this.#lose(open),
      pause: () => {
        link.frozen = true;
      },
      resume: () => {
        link.frozen = false;
        link.take();
        if (!open.isOver) connection.drained(this.#nowMs);
        this.#settle();
      },
    };
  }

  /** The peer is gone: the transport tells the engine, and the engine has closed its side. */
  #lose(open: Open): void {
    if (open.isOver) return;
    open.connection.closed(this.#nowMs);
    open.link.isClosed = true;
    this.#settle();
  }

  /** Does what a transport does between two turns: slices of work, flushes, and the reading. */
  #settle(): void {
    for (let slices = 0; this.broker.needsWork && slices < 1_000; slices++) {
      this.broker.work(this.#nowMs);
      this.broker.flush();
      this.#deliver();
    }
    this.broker.flush();
    this.#deliver();
  }

  #deliver(): void {
    for (const open of this.#open) {
      const bytes = open.link.received();
      if (bytes.length > 0) open.events.received(bytes);
      if (!open.link.isClosed) continue;
      this.#open.delete(open);
      open.isOver = true;
      open.events.closed();
    }
  }

  /** All who wait at the same moment share one step, the shortest: time passes once for all. */
  #pass(ms: number): Promise<void> {
    this.#stepMs = Math.min(this.#stepMs, ms);
    this.#step ??= new Promise((resolve) => {
      setImmediate(() => {
        const stepMs = this.#stepMs;
        this.#stepMs = TICK_MS;
        this.#step = undefined;
        this.#advance(stepMs);
        resolve();
      });
    });
    return this.#step;
  }

  #advance(ms: number): void {
    this.#nowMs += Math.min(ms, TICK_MS - (this.#nowMs % TICK_MS));
    if (this.#nowMs % TICK_MS === 0) this.broker.tick(this.#nowMs);
    this.#disk?.finish();
    this.#settle();
  }
}

function storeOn(backend: SlowDisk): KeyedStore {
  const atOnce = (commit: () => void): void => commit();
  return new KeyedStore({ backend, gather: atOnce, retry: atOnce });
}
