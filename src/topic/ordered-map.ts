/**
 * A Map in the order of its keys' UTF-16 code units, that can be read on from any place: what pages are
 * made of. It needs 16 to 32 bytes an entry; a key is shared with whoever else has it.
 *
 * Blocks of at most 512 entries stand in order. Adding and taking away look at a few dozen keys and
 * move half a block at most: O(log n) comparisons, each O(length), however the keys were chosen.
 */
export class OrderedMap<V> {
  /** None is empty. */
  readonly #blocks: Block<V>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an entry, or replaces the value of one that is there. */
  set(key: string, value: V): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push({ keys: [key], values: [value] });
      this.#size += 1;
      return;
    }
    const place = placeIn(block.keys, key);
    if (block.keys[place] === key) {
      block.values[place] = value;
      return;
    }
    block.keys.splice(place, 0, key);
    block.values.splice(place, 0, value);
    if (block.keys.length > BLOCK_MAX) this.#split(at, block, place);
    this.#size += 1;
  }

  /** @returns whether it was there. */
  delete(key: string): boolean {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) return false;
    const place = placeIn(block.keys, key);
    if (block.keys[place] !== key) return false;
    block.keys.splice(place, 1);
    block.values.splice(place, 1);
    this.#size -= 1;
    if (block.keys.length < BLOCK_LEAST) this.#join(at, block);
    return true;
  }

  /**
   * Visits the entries from `from` on, itself included, until `visit` says false. The Map may not
   * change meanwhile. O(log n) to find the place, then O(1) each.
   *
   * @returns whether it came to the end.
   */
  walk(from: string, visit: (key: string, value: V) => boolean): boolean {
    let at = this.#blockOf(from);
    let block = this.#blocks[at];
    let place = block === undefined ? 0 : placeIn(block.keys, from);
    while (block !== undefined) {
      const { keys, values } = block;
      for (; place < keys.length; place += 1) {
        if (!visit(keys[place] as string, values[place] as V)) return false; // place < length
      }
      at += 1;
      block = this.#blocks[at];
      place = 0;
    }
    return true;
  }

  /** The last block that begins with this key or one before it, else the first. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const { keys } = this.#blocks[middle] as Block<V>; // middle < length
      if ((keys[0] as string) <= key)
        low = middle; // no block is empty
      else high = middle;
    }
    return low;
  }

  /** Keys that come in their order leave full blocks behind, not half ones. */
  #split(at: number, { keys, values }: Block<V>, place: number): void {
    const isAtEnd = place === BLOCK_MAX && at === this.#blocks.length - 1;
    const from = isAtEnd ? BLOCK_MAX : BLOCK_MAX >>> 1;
    this.#blocks.splice(at + 1, 0, { keys: keys.splice(from), values: values.splice(from) });
  }

  /** Joins a block that became small with the one behind it, or before it, where both are one. */
  #join(at: number, { keys }: Block<V>): void {
    const first = at + 1 < this.#blocks.length ? at : at - 1;
    const one = this.#blocks[first];
    const other = this.#blocks[first + 1];
    if (one === undefined || other === undefined) {
      if (keys.length === 0) this.#blocks.pop(); // the only one
    } else if (one.keys.length + other.keys.length <= JOINED_MAX) {
      const joined = {
        keys: [...one.keys, ...other.keys],
        values: [...one.values, ...other.values],
      };
      this.#blocks.splice(first, 2, joined);
    } else if (keys.length === 0) {
      this.#blocks.splice(at, 1);
    }
  }
}

/** Entries side by side. */
interface Block<V> {
  readonly keys: string[];
  /** The value of the key at the same index. */
  readonly values: V[];
}

/** Where in a block the key stands, or would. */
function placeIn(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key)
      low = middle + 1; // middle < length
    else high = middle;
  }
  return low;
}

const BLOCK_MAX = 512;
const BLOCK_LEAST = 128;
/** Not a whole block: the next key must not split it again. */
const JOINED_MAX = 384;
