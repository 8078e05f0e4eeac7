import { encode } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { connectPacket } from "../support/harness.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { Wire } from "./wire.js";

/** First bytes that no client may send, and packets that break a rule. */
const BAD: readonly (readonly number[])[] = [
  [0x00, 0x00],
  [0xf0, 0x00],
  [0x36, 0x05, 0, 1, 0x61, 0, 1],
  [0x32, 0x05, 0, 1, 0x61, 0, 0],
  [0x30, 0x04, 0, 2, 0x61, 0x23],
  [0x80, 0x02, 0, 1],
  [0x62, 0x01, 0],
  [0x40, 0xff, 0xff, 0xff, 0xff],
  [0x30, 0x7f],
  [0xc0],
];

/** A client that breaks the rules, or falls silent in the middle. It costs only itself. */
export class Rogue {
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #server: SimServer;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan, server: SimServer) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
    this.#server = server;
  }

  act(): void {
    const weather = { latencyMs: this.#plan.latencyMs, splits: true };
    const end = { received: () => undefined, lost: () => undefined };
    const wire = new Wire(this.#scheduler, this.#dice, weather, this.#server, end, "rogue");
    if (this.#dice.oneIn(2)) {
      wire.send(encode(connectPacket({ clientId: `rogue${this.#dice.below(3)}` })));
    }
    wire.send(Uint8Array.from(this.#dice.pick(BAD)));
    if (this.#dice.oneIn(2)) wire.cut(this.#dice.oneIn(2));
  }
}
