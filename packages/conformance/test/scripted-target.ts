import type { Clock, Target, Wire, WireEvents } from "../src/target.js";

/** A broker made up by a test: what it does with bytes, and with the end of the Client's side. */
export interface Script {
  readonly opened?: (events: WireEvents) => void;
  readonly received?: (bytes: Uint8Array, events: WireEvents) => void;
  readonly ended?: (events: WireEvents) => void;
}

/** Connections to a made-up broker, in virtual time. */
export class ScriptedTarget implements Target {
  readonly clock: Clock;
  /** All that was sent on any connection, in order. */
  readonly sent: Uint8Array[] = [];
  /** How connections ended on the Client's side. */
  readonly ends: ("finish" | "destroy" | "pause" | "resume")[] = [];
  readonly #script: Script;
  readonly #due: { readonly atMs: number; readonly run: () => void }[] = [];
  #nowMs = 0;

  constructor(script: Script) {
    this.#script = script;
    this.clock = {
      now: () => this.#nowMs,
      pass: async (ms) => this.#pass(ms),
      quietMs: 100,
      patienceMs: 500,
      slackMs: 0,
    };
  }

  /** Runs something once this much time has passed. */
  after(ms: number, run: () => void): void {
    this.#due.push({ atMs: this.#nowMs + ms, run });
  }

  async dial(events: WireEvents): Promise<Wire> {
    this.#script.opened?.(events);
    const end = (how: "finish" | "destroy") => () => {
      this.ends.push(how);
      this.#script.ended?.(events);
    };
    return {
      send: (bytes) => {
        this.sent.push(bytes);
        this.#script.received?.(bytes, events);
      },
      finish: end("finish"),
      destroy: end("destroy"),
      pause: () => void this.ends.push("pause"),
      resume: () => void this.ends.push("resume"),
    };
  }

  #pass(ms: number): void {
    const next = Math.min(this.#nowMs + ms, ...this.#due.map(({ atMs }) => atMs));
    this.#nowMs = Math.max(next, this.#nowMs);
    for (const one of this.#due.splice(0)) {
      if (one.atMs <= this.#nowMs) one.run();
      else this.#due.push(one);
    }
  }
}
