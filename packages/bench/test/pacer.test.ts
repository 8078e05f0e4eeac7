import { describe, expect, it } from "vitest";
import { nowUs } from "../src/clock.js";
import { Histogram } from "../src/histogram.js";
import { Pacer } from "../src/pacer.js";
import { PhaseLog } from "../src/phase-log.js";
import type { Sender } from "../src/sender.js";

/** As much of a sender as the pacer drives. */
class FakeSender {
  due = 0;
  readonly schedules: (readonly [number, number])[] = [];
  readonly order: number[];
  readonly #name: number;

  constructor(name: number, order: number[]) {
    this.#name = name;
    this.order = order;
  }

  schedule(firstDueUs: number, intervalUs: number): void {
    this.schedules.push([firstDueUs, intervalUs]);
  }

  pump(): void {
    this.order.push(this.#name);
  }
}

async function paced(ratePerSecond: number, ms: number, startUs = nowUs()) {
  const order: number[] = [];
  const senders = [0, 1, 2].map((name) => new FakeSender(name, order));
  const phases = new PhaseLog();
  phases.begin("measured", startUs);
  const pacer = new Pacer(senders as unknown as Sender[], ratePerSecond, phases);
  pacer.start(startUs);
  await new Promise((resolve) => setTimeout(resolve, ms));
  pacer.stop();
  const endUs = nowUs();
  const lateness = new Histogram();
  for (const phase of phases.data()) lateness.merge(phase.lateness);
  return { order, senders, lateness: lateness.percentiles(), seconds: (endUs - startUs) / 1e6 };
}

describe("the pacer", () => {
  it("makes messages due at the rate, whatever the timers do", async () => {
    const { order, seconds } = await paced(2000, 100);
    expect(order.length).toBeGreaterThan(100);
    expect(order.length).toBeLessThanOrEqual(2000 * seconds + 1);
  });

  it("gives each sender its turn", async () => {
    const { order } = await paced(3000, 20);
    expect(order.length).toBeGreaterThan(6);
    expect(order).toEqual(order.map((_, at) => at % 3));
  });

  it("tells each sender when its messages are due", async () => {
    const startUs = nowUs();
    const { senders } = await paced(1000, 1, startUs);
    expect(senders.map(({ schedules }) => schedules)).toEqual([
      [[startUs, 3000]],
      [[startUs + 1000, 3000]],
      [[startUs + 2000, 3000]],
    ]);
  });

  it("catches up after a pause and counts it as its own lateness", async () => {
    const { order, lateness } = await paced(1000, 10, nowUs() - 50_000);
    expect(order.length).toBeGreaterThanOrEqual(50);
    expect(lateness.max).toBeGreaterThanOrEqual(50_000);
  });

  it("stops", async () => {
    const { order } = await paced(10_000, 5);
    const { length } = order;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(order.length).toBe(length);
  });
});
