import { LocalWatch, type Watch } from "./watch.js";

/** A call of a {@link Watch} method on its way to another process. */
export type WatchCall = {
  readonly [Method in keyof Watch]: {
    readonly method: Method;
    readonly args: Parameters<Watch[Method]>;
  };
}[keyof Watch];

export type WatchReply = { readonly value: unknown } | { readonly error: string };

/** Carries out calls on a watch that lives here; `start` begins with a new one. */
export class WatchHost {
  #watch: Watch = new LocalWatch();

  async carryOut({ method, args }: WatchCall): Promise<WatchReply> {
    if (method === "start") this.#watch = new LocalWatch();
    try {
      const called = this.#watch[method] as (...args: unknown[]) => Promise<unknown>;
      return { value: await called.apply(this.#watch, [...args]) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
