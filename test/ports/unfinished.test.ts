import { describe, expect, it } from "vitest";
import { Unfinished } from "../../src/ports/unfinished.js";

describe("what is held of packets that are not whole", () => {
  it("[M23] may be as much as its bound: one byte past it the longest unfinished goes", () => {
    const unfinished = new Unfinished<string>(30_000);
    unfinished.set("slow", 10_000);
    unfinished.set("quick", 10_000);
    unfinished.set("slow", 20_000);
    expect(unfinished.takeExcess()).toBeUndefined();
    unfinished.set("quick", 10_001);
    expect(unfinished.takeExcess()).toBe("slow");
    expect(unfinished.byteCount).toBe(10_001);
    expect(unfinished.takeExcess()).toBeUndefined();
  });

  it("[M23] may be less from one moment to the next", () => {
    const unfinished = new Unfinished<string>(30_000);
    unfinished.set("slow", 20_000);
    unfinished.bytesMax = 10_000;
    expect(unfinished.takeExcess()).toBe("slow");
  });

  it("[M23] whoever finishes one and begins another is the youngest again", () => {
    const unfinished = new Unfinished<string>(30_000);
    unfinished.set("honest", 15_000);
    unfinished.set("slow", 10_000);
    unfinished.set("honest", 5_000);
    unfinished.set("honest", 25_000);
    expect(unfinished.takeExcess()).toBe("slow");
  });

  it("little is not counted, and who is gone counts nothing", () => {
    const unfinished = new Unfinished<number>(5_000);
    for (let who = 0; who < 100; who += 1) unfinished.set(who, 4_096);
    expect(unfinished.byteCount).toBe(0);
    unfinished.set(1, 4_097);
    expect(unfinished.byteCount).toBe(4_097);
    unfinished.set(1, 0);
    unfinished.set(1, 0);
    expect(unfinished.byteCount).toBe(0);
  });
});
