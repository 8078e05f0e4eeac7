import { encode, type PacketReaderOptions } from "../../src/codec/index.js";
import { randomPacket } from "./packets.js";
import type { Random } from "./random.js";

const INPUT_BYTES_MAX = 2048;
const SEEDS_MAX = 4096;

/** One input of the fuzzer. `stream` is a view that the next input overwrites. */
export interface Input {
  readonly stream: Uint8Array;
  readonly options: PacketReaderOptions;
  /** Where the stream is cut into chunks; empty for most inputs. */
  readonly cutAt: readonly number[];
}

/**
 * Makes inputs without end: packets from the generator and inputs that proved interesting, strung
 * together and then spoilt a little.
 */
export class InputMaker {
  readonly #random: Random;
  readonly #seeds: Uint8Array[] = [];
  readonly #scratch = new Uint8Array(INPUT_BYTES_MAX);
  #length = 0;

  constructor(random: Random, corpus: readonly Uint8Array[]) {
    this.#random = random;
    for (const stream of corpus) this.keep(stream);
    while (this.#seeds.length < 512) this.#seeds.push(encode(randomPacket(random)));
  }

  /** How many streams there are to start from. */
  get seedCount(): number {
    return this.#seeds.length;
  }

  /** Remembers a stream to start from: one that brought something new. Copies it. */
  keep(stream: Uint8Array): void {
    const copy = stream.slice(0, INPUT_BYTES_MAX / 4);
    if (this.#seeds.length < SEEDS_MAX) this.#seeds.push(copy);
    else this.#seeds[this.#random.below(SEEDS_MAX)] = copy;
  }

  next(): Input {
    const random = this.#random;
    if (random.oneIn(16)) {
      this.#seeds[random.below(this.#seeds.length)] = encode(randomPacket(random));
    }
    this.#length = 0;
    if (random.oneIn(64)) this.#fillWithNoise();
    else this.#stringTogether();
    const stream = this.#scratch.subarray(0, this.#length);
    return { stream, options: this.#options(), cutAt: this.#cuts() };
  }

  #fillWithNoise(): void {
    const length = this.#random.below(40);
    for (let at = 0; at < length; at++) this.#scratch[at] = this.#random.next();
    this.#length = length;
  }

  #stringTogether(): void {
    const random = this.#random;
    for (let left = random.oneIn(4) ? 3 : 1; left > 0; left--) {
      const from = this.#length;
      this.#append(random.pick(this.#seeds));
      let mistakes = random.below(3);
      while (mistakes-- > 0) this.#spoil(from);
      if (random.oneIn(2)) this.#mendLength(from);
    }
  }

  #append(bytes: Uint8Array): void {
    const room = INPUT_BYTES_MAX - this.#length;
    const fitting = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#scratch.set(fitting, this.#length);
    this.#length += fitting.length;
  }

  /** One mistake somewhere from `from` on. */
  #spoil(from: number): void {
    const random = this.#random;
    const bytes = this.#scratch;
    if (this.#length - from < 2) return;
    const at = from + random.below(this.#length - from);
    switch (random.below(10)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8)); // in bounds, as all below
        break;
      case 1:
        bytes[at] = random.next();
        break;
      case 2:
        bytes[at] = random.pick(TELLING);
        break;
      case 3:
        bytes[from] = random.pick(FIRST_BYTES);
        break;
      case 4:
        bytes[at] = (bytes[at] as number) + random.pick([-1, 1]);
        break;
      case 5:
        this.#length = at;
        break;
      case 6:
        this.#replace(at, Math.min(random.below(4), this.#length - at), random.pick(ILL_FORMED));
        break;
      case 7:
        this.#replace(at, Math.min(random.below(6), this.#length - at), NOTHING);
        break;
      case 8:
        this.#replace(at, 0, random.pick(this.#seeds).subarray(random.below(8), 16));
        break;
      default:
        this.#replace(at, 0, random.pick(ILL_FORMED));
    }
  }

  /** Puts bytes in the place of `count` others, as far as there is room. */
  #replace(at: number, count: number, bytes: Uint8Array): void {
    const length = this.#length - count + bytes.length;
    if (length > INPUT_BYTES_MAX) return;
    this.#scratch.copyWithin(at + bytes.length, at + count, this.#length);
    this.#scratch.set(bytes, at);
    this.#length = length;
  }

  /** Makes the Remaining Length agree with what follows, so that the body is looked at. */
  #mendLength(from: number): void {
    const left = this.#length - from - 2;
    if (left < 0) return;
    const second = this.#scratch[from + 1] as number; // in bounds: there are two bytes
    if (second < 0x80 && left < 0x80) this.#scratch[from + 1] = left;
    else if (second >= 0x80 && left > 0x80) {
      this.#scratch[from + 1] = ((left - 1) & 0x7f) | 0x80;
      this.#scratch[from + 2] = (left - 1) >> 7;
    }
  }

  #options(): PacketReaderOptions {
    return this.#random.oneIn(8) ? this.#random.pick(OPTIONS) : DEFAULTS;
  }

  #cuts(): readonly number[] {
    const random = this.#random;
    if (this.#length < 2 || !random.oneIn(16)) return NO_CUTS;
    const first = 1 + random.below(this.#length - 1);
    if (first === this.#length - 1 || random.oneIn(2)) return [first];
    return [first, first + 1];
  }
}

const NOTHING = new Uint8Array(0);
const NO_CUTS: readonly number[] = [];
// Frozen, so that readers check them once: making a table of first bytes for each input cost a tenth.
const DEFAULTS: PacketReaderOptions = Object.freeze({});

const OPTIONS: readonly PacketReaderOptions[] = [
  { sender: "client", firstPacketConnect: true },
  { sender: "client", paddedLength: "refuse", topicLevelsMax: 2 },
  { sender: "server", controlCharacters: "accept" },
  { dupAtQos0: "accept", controlCharacters: "accept", topicLevelsMax: 1 },
  { packetBytesMax: 16, paddedLength: "refuse" },
  { protocolLevel: 3 },
  { protocolLevel: 4 },
].map((options) => Object.freeze(options as PacketReaderOptions));

/** Every type with the flags it should have, PUBLISH with all, and a few that are wrong. */
const FIRST_BYTES = [0x10, 0x20, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3d, 0x40, 0x50, 0x62]
  .concat([0x70, 0x82, 0x90, 0xa2, 0xb0, 0xc0, 0xd0, 0xe0, 0x00, 0x11, 0x36, 0x38, 0x60, 0xf0])
  .concat([0x12, 0x6a, 0x8a, 0xc2]);

/** Bytes that mean something somewhere. */
const TELLING = [
  0, 1, 2, 3, 4, 5, 6, 0x0f, 0x10, 0x23, 0x2b, 0x2f, 0x7e, 0x7f, 0x80, 0x82, 0xc0,
].concat([0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xfe, 0xff]);

/** UTF-8 that is none, and characters that strings must not or should not hold. */
const ILL_FORMED = `00 01 1f 7f 80 bf c2 c080 c0af c1bf c280 c29f c2a0 e08080 e09fbf e0a080 ed9fbf
  eda080 edbfbf efb790 efb7af efbbbf efbfbd efbfbe efbfbf f0808080 f08fbfbf f0908080 f09fbfbe
  f48fbfbd f48fbfbf f4908080 f5808080 fc848080 ff 2b 23 2f2b 2f23 232f 2b2f`
  .split(/\s+/)
  .map((digits) => Uint8Array.from(Buffer.from(digits, "hex"))); // pieces of a Buffer are slow to make
