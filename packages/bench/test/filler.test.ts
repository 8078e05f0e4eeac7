import { afterEach, describe, expect, it } from "vitest";
import { Filler } from "../src/filler.js";
import { fillTopic } from "../src/plan.js";
import { benchOptions } from "../src/scenarios.js";
import { StubBroker, type StubOptions } from "./stub-broker.js";

let stub: StubBroker;

async function fillerFor(fillMib: number, stubOptions: StubOptions = {}) {
  stub = await StubBroker.start(stubOptions);
  const options = benchOptions("slow-reader", { fillMib, port: stub.port });
  return { filler: new Filler(options), topic: fillTopic(options) };
}

afterEach(() => stub.stop());

describe("the filler", () => {
  it("publishes as much as it was told and waits until the broker has taken all of it", async () => {
    const fates: number[] = [];
    const { filler, topic } = await fillerFor(1, {
      fate: (message) => {
        fates.push(message);
        return "forward";
      },
    });
    expect(await filler.fill(10_000)).toBe(true);
    expect(stub.published).toEqual(new Set([topic]));
    expect(fates).toHaveLength(16); // of 64 KiB each
  });

  it("gives up when its time is over, and says so", async () => {
    const { filler } = await fillerFor(1024);
    expect(await filler.fill(50)).toBe(false);
  });

  it("gives up when the broker hangs up", async () => {
    const { filler } = await fillerFor(1024, { hangUpAfter: 3 });
    expect(await filler.fill(10_000)).toBe(false);
  });
});
