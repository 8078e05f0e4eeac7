import { setTimeout as delay } from "node:timers/promises";
import { shown } from "../log/escape.js";
import type { Logger } from "../log/logger.js";

/** Makes a node of that name that gives away what the one before had kept; resolves when nothing is left. */
export type StandIn = (nodeName: string) => Promise<void>;

/** Nodes that this one stands in for: what it was told to do that with, and what it says of it. */
export class StandIns {
  readonly #standIn: StandIn;
  readonly #logger: Logger | undefined;
  readonly #ended: (nodeName: string, isDone: boolean) => void;
  readonly #names = new Set<string>();

  /** @param ended - Told, between turns, what came of it. */
  constructor(
    standIn: StandIn,
    logger: Logger | undefined,
    ended: (nodeName: string, isDone: boolean) => void,
  ) {
    this.#standIn = standIn;
    this.#logger = logger;
    this.#ended = ended;
  }

  /** How many are under way. */
  get size(): number {
    return this.#names.size;
  }

  /** Inside a turn: it begins behind that. */
  begin(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const log = this.#logger;
    const of = `the sessions of node ${shown(name)}`;
    log?.warn?.(`node ${shown(name)} is gone: this node takes over what it has kept`, {});
    const ended = (isDone: boolean): void => {
      this.#names.delete(name);
      this.#ended(name, isDone);
    };
    delay(0)
      .then(() => this.#standIn(name))
      .then(
        () => {
          log?.info?.(`${of} are at other nodes now`, {});
          ended(true);
        },
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          log?.warn?.(`${of} were not taken over from here, or not all of them: ${why}`, {});
          ended(false);
        },
      );
  }
}
