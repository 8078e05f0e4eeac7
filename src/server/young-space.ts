import { setFlagsFromString } from "node:v8";

/** How often it is looked at. */
const LOOK_MS = 1_000;
/** So many messages a second, and the space may grow. */
const BUSY_MESSAGES = 1_000;

/** How V8 may go on with the space where it makes new objects; for the whole process. */
export type SetGrowth = (mayGrow: boolean) => void;

/**
 * Lets V8 enlarge the space where it makes new objects only while messages come.
 *
 * It does so when many new objects stay in use, up to 16 MiB twice, and all of it is resident. Under
 * traffic that pays: at QoS 1 a space of 2 MiB twice costs 4 to 11 % of the CPU time, for what is in
 * flight is collected again and again. While Clients only connect it does not, for what they leave
 * behind stays anyway: of 15,000 idle connections each takes 1,500 B without it, 2,700 B with it.
 */
export class YoungSpace {
  readonly #setGrowth: SetGrowth;
  #messages = 0;
  #mayGrow = false;
  #timer: NodeJS.Timeout | undefined;

  /** The process begins: it may not grow. Before most of the program is loaded, as that stays, too. */
  constructor(setGrowth: SetGrowth = setGrowthOfV8) {
    this.#setGrowth = setGrowth;
    setGrowth(false);
  }

  /** Looks from now on, as long as the process lives, and keeps it alive for nothing. */
  watch(messages: () => number): void {
    this.#timer ??= setInterval(() => this.look(messages()), LOOK_MS).unref();
  }

  /** @param messages - Received since the start. */
  look(messages: number): void {
    const mayGrow = messages - this.#messages >= BUSY_MESSAGES;
    this.#messages = messages;
    if (mayGrow === this.#mayGrow) return;
    this.#mayGrow = mayGrow;
    this.#setGrowth(mayGrow);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** By this factor, when it grows. */
function setGrowthOfV8(mayGrow: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
}
