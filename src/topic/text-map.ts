import { LongTexts } from "./long-texts.js";
import { mapKey, textOfKey } from "./map-key.js";

/**
 * A Map by texts that peers choose: what a peer can bring many of is a key here and never of a plain
 * Map. [C15] [C16] [T4]
 *
 * V8 hashes some texts without its secret, so that a peer can make many fall into one bucket: those
 * that look like an array index, which {@link mapKey} makes other strings, and those of more than
 * 16,383 characters, of which it looks at the length alone; {@link LongTexts} gives these short
 * names. Figures in spec-notes/v8.md. The order is that of insertion, as in any Map.
 */
export class TextMap<V> {
  readonly #values = new Map<string, V>();
  /** Names of the long keys here; none yet in nearly every Map there is. */
  #long: LongTexts | undefined = undefined;

  get size(): number {
    return this.#values.size;
  }

  /** O(length), as each of these. */
  get(text: string): V | undefined {
    if (text.length <= SHORT_MAX) return this.#values.get(mapKey(text));
    const name = this.#long?.find(text);
    return name === undefined ? undefined : this.#values.get(name);
  }

  has(text: string): boolean {
    if (text.length <= SHORT_MAX) return this.#values.has(mapKey(text));
    return this.#long?.find(text) !== undefined;
  }

  set(text: string, value: V): void {
    if (text.length <= SHORT_MAX) {
      this.#values.set(mapKey(text), value);
      return;
    }
    this.#long ??= new LongTexts();
    this.#values.set(this.#long.name(text), value);
  }

  /** @returns whether it was there. */
  delete(text: string): boolean {
    if (text.length <= SHORT_MAX) return this.#values.delete(mapKey(text));
    const name = this.#long?.forget(text);
    return name !== undefined && this.#values.delete(name);
  }

  clear(): void {
    this.#values.clear();
    this.#long = undefined;
  }

  values(): MapIterator<V> {
    return this.#values.values();
  }

  *keys(): Generator<string, undefined> {
    for (const key of this.#values.keys()) yield this.#textOf(key);
  }

  /** It follows changes, as the iterator of a Map does. */
  *[Symbol.iterator](): Generator<[text: string, value: V], undefined> {
    for (const [key, value] of this.#values) yield [this.#textOf(key), value];
  }

  #textOf(key: string): string {
    return this.#long?.textOf(key) ?? textOfKey(key);
  }
}

/** The same for whoever may only read it. */
export type ReadonlyTextMap<V> = Omit<TextMap<V>, "set" | "delete" | "clear">;

/** Longer texts get a name. Far below where V8 gives up, for topics this long are rare already. */
const SHORT_MAX = 8_192;
