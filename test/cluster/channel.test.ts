import { describe, expect, it } from "vitest";
import { Channel, CREDIT_BYTES, decodeChunk } from "../../src/cluster/channel.js";
import { SEND_BYTES_MAX } from "../../src/cluster/fabric.js";
import { Random } from "../codec-fuzz/random.js";

const [A, B] = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"];

/** Two ends, and the chunks between them, to be lost, repeated and mixed up. */
class Pair {
  readonly wire: { to: string; bytes: Uint8Array }[] = [];
  readonly taken: number[] = [];
  readonly #fabric = {
    append: () => undefined,
    send: (to: string, bytes: Uint8Array) => {
      this.wire.push({ to, bytes: bytes.slice() });
    },
  };
  readonly a = new Channel(this.#fabric, A, B, () => undefined);
  readonly b = new Channel(this.#fabric, B, A, (bytes) => {
    for (const byte of bytes) this.taken.push(byte);
  });

  send(...parts: readonly Uint8Array[]): void {
    this.a.send(
      parts,
      parts.reduce((sum, { length }) => sum + length, 0),
    );
  }

  deliver(nowMs: number, at = 0): void {
    const [chunk] = this.wire.splice(at, 1);
    if (chunk === undefined) return;
    (chunk.to === A ? this.a : this.b).arrived(decodeChunk(chunk.bytes), nowMs);
  }

  /** One chunk, whichever, comes, is lost, or comes and stays. */
  muddle(dice: Random, nowMs: number): void {
    if (this.wire.length === 0) return;
    const at = dice.below(this.wire.length);
    const chunk = this.wire[at];
    if (dice.oneIn(5) && chunk !== undefined) this.wire.push(chunk);
    if (dice.oneIn(5)) this.wire.splice(at, 1);
    else this.deliver(nowMs, at);
  }

  deliverAll(nowMs: number): void {
    while (this.wire.length > 0) this.deliver(nowMs);
  }
}

describe("a channel between two nodes", () => {
  it.each(Array.from({ length: 50 }, (_, at) => at + 1))(
    "[L07] brings everything once and in order, though chunks are lost, repeated and mixed up: seed %i",
    (seed) => {
      const dice = new Random(seed);
      const pair = new Pair();
      const sent: number[] = [];
      for (let nowMs = 1; nowMs < 20_000; nowMs += 50) {
        const bytes = nowMs < 5_000 ? [dice.below(256), dice.below(256)] : [];
        sent.push(...bytes);
        pair.send(Uint8Array.from(bytes));
        for (let count = dice.below(6); count > 0; count -= 1) pair.muddle(dice, nowMs);
        pair.a.tick(nowMs);
        pair.b.tick(nowMs);
      }
      for (let nowMs = 20_000; nowMs < 25_000; nowMs += 1_000) {
        pair.a.tick(nowMs);
        pair.b.tick(nowMs);
        pair.deliverAll(nowMs);
      }
      expect(pair.taken).toEqual(sent);
      expect(pair.a.unsentBytes).toBe(0);
    },
  );

  it("[M24] [L07] sends no more than its peer has credit for, until that is done with something", () => {
    const pair = new Pair();
    pair.b.isPaused = true;
    pair.send(new Uint8Array(3 * CREDIT_BYTES));
    const bytesOf = () => pair.wire.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(bytesOf()).toBeLessThanOrEqual(CREDIT_BYTES + SEND_BYTES_MAX);
    expect(pair.a.unsentBytes).toBe(3 * CREDIT_BYTES);
    pair.deliverAll(1);
    expect(pair.taken).toHaveLength(0);
    pair.b.isPaused = false;
    expect(pair.b.hasCome).toBe(true);
    pair.b.takeOn(2);
    for (let nowMs = 3; nowMs < 3_000; nowMs += 250) {
      pair.deliverAll(nowMs);
      pair.a.tick(nowMs);
      pair.b.tick(nowMs);
    }
    expect(pair.taken).toHaveLength(3 * CREDIT_BYTES);
    expect(pair.a.unsentBytes).toBe(0);
  });

  it("no chunk has more bytes than may be sent at once", () => {
    const pair = new Pair();
    pair.send(new Uint8Array(CREDIT_BYTES));
    for (const { bytes } of pair.wire) expect(bytes.length).toBeLessThanOrEqual(SEND_BYTES_MAX);
  });

  it("brings parts of any length one behind the other, and nothing where there is none", () => {
    const pair = new Pair();
    const lengths = [0, 3, SEND_BYTES_MAX, 1, 0, SEND_BYTES_MAX - 25, 7];
    const parts = lengths.map((length, at) => new Uint8Array(length).map((_, byte) => at + byte));
    pair.send(...parts);
    pair.send();
    pair.deliverAll(1);
    for (let nowMs = 250; nowMs < 3_000; nowMs += 250) {
      pair.b.tick(nowMs);
      pair.deliverAll(nowMs);
    }
    expect(Buffer.from(pair.taken).equals(Buffer.concat(parts))).toBe(true);
  });

  it("[L07] changes nothing of what it has sent, also when it sends it again", () => {
    const given: { readonly bytes: Uint8Array; readonly text: string }[] = [];
    const send = (_to: string, bytes: Uint8Array): void => {
      given.push({ bytes, text: Buffer.from(bytes).toString("hex") });
    };
    const channel = new Channel({ append: () => undefined, send }, A, B, () => undefined);
    const back = new Pair();
    const block = Uint8Array.of(1, 2, 3);
    channel.send([block], 3);
    block.fill(0); // whoever has written it goes on writing there
    back.a.send([Uint8Array.of(9)], 1);
    channel.arrived(decodeChunk(back.wire[0]?.bytes ?? block), 10);
    channel.tick(10);
    channel.tick(5_000);
    const chunks = given.map(({ bytes }) => decodeChunk(bytes));
    expect(chunks.map(({ number, done, bytes }) => [number, done, [...bytes]])).toEqual([
      [1, 0, [1, 2, 3]],
      [0, 1, []],
      [1, 1, [1, 2, 3]],
    ]);
    for (const { bytes, text } of given) expect(Buffer.from(bytes).toString("hex")).toBe(text);
  });

  it("a chunk that has come while nothing was taken is taken once, though it comes again", () => {
    const pair = new Pair();
    pair.send(Uint8Array.of(1));
    const [first] = pair.wire;
    pair.b.isPaused = true;
    pair.deliver(1);
    pair.b.isPaused = false;
    if (first !== undefined) pair.wire.push(first);
    pair.deliver(2);
    pair.send(Uint8Array.of(2));
    pair.deliverAll(3);
    expect(pair.taken).toEqual([1, 2]);
  });
});
