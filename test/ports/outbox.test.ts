import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BLOCK_BYTES,
  Block,
  BlockPool,
  Outbox,
  SMALL_BLOCK_BYTES,
} from "../../src/ports/outbox.js";
import { PacketType } from "../../src/protocol/packet-type.js";
import { concat } from "../support/arbitraries.js";

/** A pool that counts what it had to allocate. */
function countingPool(): { pool: BlockPool; allocated: () => number } {
  let count = 0;
  const pool = new BlockPool((byteCount) => {
    count += 1;
    return new Uint8Array(byteCount);
  });
  return { pool, allocated: () => count };
}

/** Writes so many bytes of one value, as an encoder does. */
function write(outbox: Outbox, byteCount: number, value: number): void {
  const at = outbox.reserve(PacketType.PUBLISH, byteCount);
  outbox.block.fill(value, at, at + byteCount);
}

describe("the outbox", () => {
  it("holds nothing and no block while nothing is written", () => {
    const { pool, allocated } = countingPool();
    const outbox = new Outbox(pool);
    expect([outbox.byteCount, outbox.parts()]).toEqual([0, []]);
    outbox.sent(true);
    expect(allocated()).toBe(0);
  });

  it("gathers small packets in one part", () => {
    const outbox = new Outbox(new BlockPool());
    for (const value of [1, 2, 3]) write(outbox, 2, value);
    expect(outbox.byteCount).toBe(6);
    expect(outbox.parts()).toEqual([Uint8Array.of(1, 1, 2, 2, 3, 3)]);
  });

  it("appends by reference what is large, in its place between others", () => {
    const outbox = new Outbox(new BlockPool());
    const large = new Uint8Array(5_000).fill(9);
    write(outbox, 1, 1);
    outbox.append(large);
    outbox.append(large);
    write(outbox, 1, 2);
    const parts = outbox.parts();
    expect(parts.map(({ length }) => length)).toEqual([1, 5_000, 5_000, 1]);
    expect(parts[1]).toBe(large);
    expect(outbox.byteCount).toBe(10_002);
  });

  it("counts what is written, by type, with what is appended by reference", () => {
    const pool = new BlockPool();
    const outbox = new Outbox(pool);
    outbox.reserve(PacketType.PUBACK, 4);
    outbox.reserve(PacketType.PUBLISH, 10, 5_000);
    outbox.append(new Uint8Array(5_000));
    expect(pool.sent.bytesByType).toMatchObject({ puback: 4, publish: 5_010, pubrec: 0 });
    expect(pool.sent.bytes).toBe(outbox.byteCount);
    outbox.sent(true);
    outbox.reserve(PacketType.PUBACK, 4);
    expect([outbox.packetCount, pool.sent.packets]).toEqual([3, 3]);
  });

  it("takes another block when one is full, and a block of its own for what fits into none", () => {
    const { pool, allocated } = countingPool();
    const outbox = new Outbox(pool);
    write(outbox, BLOCK_BYTES - 1, 1);
    write(outbox, 2, 2);
    expect(allocated()).toBe(2);
    write(outbox, BLOCK_BYTES + 1, 3);
    expect(allocated()).toBe(2);
    expect(outbox.parts().map(({ length }) => length)).toEqual([
      BLOCK_BYTES - 1,
      2,
      BLOCK_BYTES + 1,
    ]);
  });

  it("[T1] begins in a small block, and goes over to a large one as one part", () => {
    const { pool, allocated } = countingPool();
    const outbox = new Outbox(pool);
    write(outbox, 20, 1);
    const small = outbox.block;
    expect([small.length, outbox.roomBytes]).toEqual([SMALL_BLOCK_BYTES, SMALL_BLOCK_BYTES]);
    write(outbox, SMALL_BLOCK_BYTES - 20, 2);
    expect(outbox.block).toBe(small);
    write(outbox, 30, 3);
    expect([outbox.block.length, outbox.roomBytes]).toEqual([BLOCK_BYTES, BLOCK_BYTES]);
    const expected = new Uint8Array(SMALL_BLOCK_BYTES + 30).fill(1, 0, 20).fill(2, 20);
    expected.fill(3, SMALL_BLOCK_BYTES);
    expect(outbox.parts()).toEqual([expected]);
    expect(pool.takeSmall().bytes).toBe(small); // it went back
    expect(allocated()).toBe(2);
  });

  it("keeps a small block that a part refers to", () => {
    const outbox = new Outbox(new BlockPool());
    write(outbox, 20, 1);
    outbox.append(new Uint8Array(5_000).fill(9));
    write(outbox, SMALL_BLOCK_BYTES, 2);
    expect(outbox.parts().map(({ length }) => length)).toEqual([20, 5_000, SMALL_BLOCK_BYTES]);
    expect(outbox.roomBytes).toBe(SMALL_BLOCK_BYTES + BLOCK_BYTES);
    expect(outbox.parts()[0]).toEqual(new Uint8Array(20).fill(1));
  });

  it("gives its blocks back when nobody refers to them any more, and only then", () => {
    const { pool, allocated } = countingPool();
    const outbox = new Outbox(pool);
    const fill = (): void => {
      write(outbox, 5, 0);
      write(outbox, BLOCK_BYTES, 1);
      write(outbox, BLOCK_BYTES + 1, 2);
      write(outbox, 5, 3);
    };
    fill();
    outbox.sent(true);
    expect(outbox.byteCount).toBe(0);
    fill();
    expect(allocated()).toBe(3);
    outbox.sent(false);
    fill();
    expect(allocated()).toBe(6);
  });

  it("goes on in the same block behind what was handed out", () => {
    const { pool, allocated } = countingPool();
    const outbox = new Outbox(pool);
    write(outbox, 1, 1);
    expect(outbox.parts()).toHaveLength(1);
    write(outbox, 1, 2);
    expect(concat(outbox.parts())).toEqual(Uint8Array.of(1, 2));
    expect(allocated()).toBe(1);
  });

  it("holds exactly what was written, in order, under any writes and flushes", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ write: fc.integer({ min: 1, max: 300 }) }) },
      { weight: 2, arbitrary: fc.record({ write: fc.integer({ min: 500, max: 1_500 }) }) },
      { weight: 1, arbitrary: fc.record({ write: fc.integer({ min: 10_000, max: 20_000 }) }) },
      { weight: 2, arbitrary: fc.record({ append: fc.integer({ min: 0, max: 5_000 }) }) },
      { weight: 1, arbitrary: fc.record({ sent: fc.boolean() }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const outbox = new Outbox(new BlockPool());
        let model: Uint8Array[] = [];
        for (const [value, given] of steps.entries()) {
          if ("write" in given) {
            write(outbox, given.write, value);
            model.push(new Uint8Array(given.write).fill(value));
          } else if ("append" in given) {
            const bytes = new Uint8Array(given.append).fill(value);
            outbox.append(bytes);
            model.push(bytes);
          } else {
            expect(Buffer.compare(concat(outbox.parts()), concat(model))).toBe(0);
            outbox.sent(given.sent);
            model = [];
          }
          expect(outbox.byteCount).toBe(model.reduce((sum, { length }) => sum + length, 0));
        }
        expect(Buffer.compare(concat(outbox.parts()), concat(model))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the pool", () => {
  it("keeps 2,560 blocks at most, of its own size only", () => {
    const { pool, allocated } = countingPool();
    for (let count = 0; count < 2_600; count += 1)
      pool.give(new Block(new Uint8Array(BLOCK_BYTES)));
    pool.give(new Block(new Uint8Array(10)));
    for (let count = 0; count < 2_560; count += 1) pool.take();
    expect(allocated()).toBe(0);
    expect(pool.take().bytes).toHaveLength(BLOCK_BYTES);
    expect(allocated()).toBe(1);
  });
});

describe("the pool of blocks", () => {
  const filled = (count: number): { pool: BlockPool; allocated: () => number } => {
    const { pool, allocated } = countingPool();
    const blocks = Array.from({ length: count }, () => pool.take());
    for (const block of blocks) pool.give(block);
    return { pool, allocated };
  };

  it("lets go of what a burst has left, a little at each tick", () => {
    const { pool, allocated } = filled(100);
    for (let tick = 0; tick < 60; tick += 1) pool.trim();
    const before = allocated();
    pool.take();
    expect(allocated()).toBe(before + 1);
  });

  it("keeps what is needed from tick to tick", () => {
    const { pool, allocated } = filled(100);
    for (let tick = 0; tick < 60; tick += 1) {
      const blocks = Array.from({ length: 20 }, () => pool.take());
      for (const block of blocks) pool.give(block);
      pool.trim();
    }
    expect(allocated()).toBe(100);
  });
});
