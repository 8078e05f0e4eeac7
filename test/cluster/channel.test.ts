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

  deliver(nowMs: number, at = 0): void {
    const [chunk] = this.wire.splice(at, 1);
    if (chunk === undefined) return;
    (chunk.to === A ? this.a : this.b).arrived(decodeChunk(chunk.bytes), nowMs);
  }

  deliverAll(nowMs: number): void {
    while (this.wire.length > 0) this.deliver(nowMs);
  }
}

describe("a channel between two nodes", () => {
  it("[L07] brings everything once and in order, though chunks are lost, repeated and mixed up", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const dice = new Random(seed);
      const pair = new Pair();
      const sent: number[] = [];
      for (let nowMs = 1; nowMs < 20_000; nowMs += 50) {
        if (nowMs < 5_000) {
          const bytes = Uint8Array.of(dice.below(256), dice.below(256));
          sent.push(...bytes);
          pair.a.send(bytes);
        }
        for (let count = dice.below(6); count > 0 && pair.wire.length > 0; count -= 1) {
          const at = dice.below(pair.wire.length);
          if (dice.oneIn(5)) pair.wire.push(pair.wire[at] as (typeof pair.wire)[number]);
          if (dice.oneIn(5)) pair.wire.splice(at, 1);
          else pair.deliver(nowMs, at);
        }
        pair.a.tick(nowMs);
        pair.b.tick(nowMs);
      }
      pair.deliverAll(20_000);
      for (let nowMs = 21_000; nowMs < 25_000; nowMs += 1_000) {
        pair.a.tick(nowMs);
        pair.b.tick(nowMs);
        pair.deliverAll(nowMs);
      }
      expect({ seed, taken: pair.taken }).toEqual({ seed, taken: sent });
      expect(pair.a.unsentBytes).toBe(0);
    }
  });

  it("[M24] [L07] sends no more than its peer has credit for, until that is done with something", () => {
    const pair = new Pair();
    pair.b.isPaused = true;
    pair.a.send(new Uint8Array(3 * CREDIT_BYTES));
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
    pair.a.send(new Uint8Array(CREDIT_BYTES));
    for (const { bytes } of pair.wire) expect(bytes.length).toBeLessThanOrEqual(SEND_BYTES_MAX);
  });
});
