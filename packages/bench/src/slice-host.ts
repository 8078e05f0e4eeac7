import type { BenchOptions, Share } from "./options.js";
import { LocalSlice, type Slice } from "./slice.js";

/** A call of a {@link Slice} method on its way to another process. */
export type SliceCall =
  | { readonly method: "create"; readonly args: readonly [BenchOptions, Share] }
  | {
      readonly [Method in keyof Slice]: {
        readonly method: Method;
        readonly args: Parameters<Slice[Method]>;
      };
    }[keyof Slice];

export type SliceReply = { readonly value: unknown } | { readonly error: string };

/** Carries out calls on a share that lives here; one at a time. */
export class SliceHost {
  #slice: Slice | undefined;

  /** @returns What to answer; undefined for `create`, which is not answered. */
  async carryOut(call: SliceCall): Promise<SliceReply | undefined> {
    if (call.method === "create") {
      this.#slice = new LocalSlice(...call.args);
      return undefined;
    }
    try {
      const method = this.#slice?.[call.method] as (...args: unknown[]) => Promise<unknown>;
      return { value: await method.apply(this.#slice, [...call.args]) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
