/** Makes a change that was prepared: at once, and without a way to fail. */
export type Commit = () => void;

/**
 * A part of the server that takes new values while it runs. `startServer` makes it and hands it to
 * {@link Reloading.add}.
 *
 * @typeParam C - What the server is configured with: `ServerConfig`.
 */
export interface ReloadPart<C> {
  /**
   * Reads and checks everything that the part needs for `next`, files included, and changes nothing
   * yet. It is asked at every reload, whether its options have changed or not: its files may have.
   *
   * `next` is whole. What takes a restart still has its old value there.
   *
   * @throws Error whose message tells people what is wrong, where, and what to do.
   */
  prepare(next: C): Commit | Promise<Commit>;
}

/** All parts change together or not at all: each has prepared itself before any commits. */
export class Reloading<C> {
  readonly #parts: ReloadPart<C>[] = [];
  /** The reload under way: the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  add(part: ReloadPart<C>): void {
    this.#parts.push(part);
  }

  /**
   * Changes everything to `next`, after the reload that may be under way.
   *
   * @throws what a part throws: then nothing has changed.
   */
  reload(next: C): Promise<void> {
    const done = this.#last.then(() => this.#reload(next));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #reload(next: C): Promise<void> {
    const commits: Commit[] = [];
    for (const part of this.#parts) commits.push(await part.prepare(next));
    for (const commit of commits) commit();
  }
}
