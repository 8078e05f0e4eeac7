import { changesBetween } from "./config/changes.js";
import type { Effective } from "./config/effective.js";
import { serverConfigFrom } from "./server-config.js";
import type { RunningServer } from "./start-server.js";

/** What a reload has done. */
export interface Reloaded {
  /** Options that have another value now. */
  readonly changed: readonly string[];
  /** Options that will have another value after a restart. */
  readonly needRestart: readonly string[];
}

/** Reads the configuration again and changes the running server to it: all of it or nothing. */
export class ConfigReload {
  readonly #read: () => Promise<Effective>;
  readonly #server: Pick<RunningServer, "reload">;
  #now: Effective;
  /** The reload under way: the next one begins where it ends. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param now - What the server was started with. */
  constructor(
    now: Effective,
    read: () => Promise<Effective>,
    server: Pick<RunningServer, "reload">,
  ) {
    this.#now = now;
    this.#read = read;
    this.#server = server;
  }

  /** What holds now. */
  get now(): Effective {
    return this.#now;
  }

  /**
   * Files that options name are read again, too, whether an option has changed or not.
   *
   * @throws what is wrong with the configuration or with a file: then nothing has changed.
   */
  reload(): Promise<Reloaded> {
    const done = this.#last.then(() => this.#reload());
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<Reloaded> {
    const { live, restart, next } = changesBetween(this.#now, await this.#read());
    await this.#server.reload(serverConfigFrom(next.given, next.sources));
    this.#now = next;
    return { changed: live, needRestart: restart };
  }
}

/** What a reload has done, for people. */
export function reloadedText({ changed, needRestart }: Reloaded): string {
  const done = changed.length === 0 ? "no option has changed" : `changed: ${changed.join(", ")}`;
  const later = `; after a restart only: ${needRestart.join(", ")}`;
  return `reloaded, files too; ${done}${needRestart.length === 0 ? "" : later}`;
}
