import { describe, expect, it } from "vitest";
import { BytePool } from "../../../src/codec/bytes/byte-pool.js";

describe("BytePool", () => {
  it("hands out each byte once", () => {
    const pool = new BytePool();
    const pieces = Array.from({ length: 100 }, (_, index) => {
      const at = pool.reserve(2048);
      const { block } = pool;
      const length = 1 + ((index * 37) % 2048);
      pool.take(at + length);
      const piece = block.subarray(at, at + length);
      expect(piece.length).toBe(length);
      return piece.fill(index);
    });
    pieces.forEach((piece, index) => {
      expect(piece.every((byte) => byte === index)).toBe(true);
    });
  });

  it("hands out again what is given back, if it was the last", () => {
    const pool = new BytePool();
    pool.take(pool.reserve(100) + 100);
    const { block } = pool;
    pool.take(pool.reserve(50) + 50);
    pool.giveBack(block, 0, 100); // something was taken since
    expect(pool.reserve(1)).toBe(150);
    pool.giveBack(block, 100, 150);
    expect(pool.reserve(1)).toBe(100);
    pool.giveBack(new Uint8Array(100), 0, 100); // of another block
    expect(pool.reserve(1)).toBe(100);
  });

  it("hands out a block up to its last byte", () => {
    const pool = new BytePool();
    pool.reserve(1);
    const { block } = pool;
    pool.take(block.length - 100);
    expect(pool.reserve(100)).toBe(block.length - 100);
    expect(pool.block).toBe(block);
    expect(pool.reserve(101)).toBe(0);
    expect(pool.block).not.toBe(block);
  });

  it("keeps what was reserved and not taken", () => {
    const pool = new BytePool();
    pool.take(pool.reserve(100) + 10);
    expect(pool.reserve(100)).toBe(10);
    expect(pool.reserve(100)).toBe(10);
    expect(pool.buffer).toBe(pool.block.buffer);
  });
});
