import { randomBytes } from "node:crypto";

/**
 * A name for each connection, 32 hex digits: 20 that only this run of the broker has (80 random bits),
 * and 12 that count its connections. Nothing has to be kept for it, and nothing rolled.
 */
export class ChannelIds {
  readonly #run: string;

  /** @param run - 20 hex digits. */
  constructor(run = randomBytes(RUN_DIGITS / 2).toString("hex")) {
    this.#run = run;
  }

  /** @param connectionNumber - As the engine counts connections. */
  of(connectionNumber: number): string {
    return this.#run + connectionNumber.toString(16).padStart(NUMBER_DIGITS, "0");
  }
}

const RUN_DIGITS = 20;
const NUMBER_DIGITS = 12;
