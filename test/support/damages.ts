/** The same numbers from 0 to 1 for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const PAGE_BYTES = 4_096;
const PAGE_HEADER_BYTES = 24;

/** Damages the bytes of a data file in one of many ways. @returns the damaged file, and which way. */
export function damage(file: Buffer, seed: number): { bytes: Buffer; kind: string } {
  const random = seeded(seed);
  const bytes = Buffer.from(file);
  const below = (bound: number): number => Math.floor(random() * bound);
  const pages = Math.floor(bytes.length / PAGE_BYTES);
  const page = (): number => below(pages) * PAGE_BYTES;
  const ways: Record<string, () => Buffer> = {
    "one bit": () => flip(bytes, below(bytes.length), below(8)),
    "one bit of a page's header": () =>
      flip(bytes, page() + below(PAGE_HEADER_BYTES + 20), below(8)),
    "one bit of the beginning": () => flip(bytes, below(2 * PAGE_BYTES), below(8)),
    "many bits": () => {
      for (let n = 0; n < 40; n += 1) flip(bytes, below(bytes.length), below(8));
      return bytes;
    },
    "a page of zeros": () => {
      const at = page();
      return bytes.fill(0, at, at + PAGE_BYTES);
    },
    "a sector of noise": () => {
      const at = below(bytes.length / 512) * 512;
      for (let n = at; n < at + 512; n += 1) bytes[n] = below(256);
      return bytes;
    },
    "a page over another": () => {
      const [from, to] = [page(), page()];
      bytes.copy(bytes, to, from, from + PAGE_BYTES);
      return bytes;
    },
    "two pages that changed places": () => {
      const [a, b] = [page(), page()];
      const kept = Buffer.from(bytes.subarray(a, a + PAGE_BYTES));
      bytes.copy(bytes, a, b, b + PAGE_BYTES);
      kept.copy(bytes, b);
      return bytes;
    },
    "cut short": () => bytes.subarray(0, below(bytes.length)),
  };
  const names = Object.keys(ways);
  const kind = names[below(names.length)] as string; // within
  return { bytes: ways[kind]?.() ?? bytes, kind };
}

function flip(bytes: Buffer, at: number, bit: number): Buffer {
  bytes[at] = (bytes[at] as number) ^ (1 << bit);
  return bytes;
}
