import { beforeEach, describe, expect, it } from "vitest";
import type { GivenOptions } from "../src/flags.js";
import { StampAt } from "../src/message-stamp.js";
import { planOf } from "../src/plan.js";
import { benchOptions } from "../src/scenarios.js";
import { Traffic } from "../src/traffic.js";

const RUN = 77;
let traffic: Traffic;

function begin(scenario: string, given: GivenOptions): void {
  const options = benchOptions(scenario, { ...given, run: RUN });
  traffic = new Traffic(options, planOf(options, { index: 0, of: 1 }));
  traffic.phases.begin("measured", 0);
  for (const sender of traffic.senders) sender.sent = 10;
}

/** Lets a message arrive at a receiver. */
function arrive(receiver: number, sender: number, counter: number, run = RUN): void {
  const payload = Buffer.alloc(20);
  payload.writeUInt32BE(run, StampAt.RUN);
  payload.writeUInt32BE(sender, StampAt.SENDER);
  payload.writeUInt32BE(counter, StampAt.COUNTER);
  const peer = traffic.receivers[receiver]?.peer;
  if (peer === undefined) expect.fail(`no receiver ${receiver}`);
  traffic.chunkBegins();
  traffic.message(peer, payload, 0, payload.length);
}

function delivered(): number[] {
  return traffic.senders.map((sender) => sender.delivered);
}

describe("traffic of pairs", () => {
  beforeEach(() => begin("pairs", { count: 2 }));

  it("gives the publisher its turn when its message is through", () => {
    arrive(0, 0, 0);
    arrive(1, 1, 0);
    arrive(1, 1, 1);
    expect(delivered()).toEqual([1, 2]);
    expect([traffic.delivered, traffic.deliveredBytes]).toEqual([3, 60]);
    expect(traffic.outstanding).toBe(17);
  });

  it("goes on after a lost message, and reports it", () => {
    for (const counter of [0, 1, 3, 4, 5, 6, 7, 8, 9]) arrive(0, 0, counter);
    for (let counter = 0; counter < 10; counter += 1) arrive(1, 1, counter);
    expect(delivered()).toEqual([10, 10]);
    expect(traffic.accounting([])).toMatchObject({ lost: 1, duplicated: 0, reordered: 0 });
  });

  it("tells duplicated from reordered messages", () => {
    for (const counter of [0, 2, 1, 3, 3, 4, 5, 6, 7, 8, 9]) arrive(0, 0, counter);
    expect(traffic.accounting([])).toMatchObject({ lost: 10, duplicated: 1, reordered: 1 });
  });

  it("notices a message that came to the wrong client, or to a publisher", () => {
    arrive(1, 0, 0);
    const publisher = traffic.senders[0]?.peer;
    const payload = Buffer.alloc(20);
    payload.writeUInt32BE(RUN, StampAt.RUN);
    if (publisher !== undefined) traffic.message(publisher, payload, 0, 20);
    expect(traffic.accounting([])).toMatchObject({ misdelivered: 2, delivered: 0 });
  });

  it("notices messages of another run, and payloads too short to be ours", () => {
    arrive(0, 0, 0, RUN + 1);
    const peer = traffic.receivers[0]?.peer;
    if (peer !== undefined) traffic.message(peer, Buffer.alloc(15), 0, 15);
    expect(traffic.accounting([])).toMatchObject({ foreign: 2, delivered: 0 });
  });

  it("counts what was due and never sent", () => {
    for (const sender of traffic.senders) sender.due = 12;
    expect(traffic.accounting([])).toMatchObject({ unsent: 4 });
  });

  it("counts lost connections and keeps the first reasons only", () => {
    const peer = traffic.receivers[0]?.peer;
    for (let at = 0; at < 7; at += 1) if (peer !== undefined) traffic.lost(peer, `reason ${at}`);
    expect(traffic.lostCount).toBe(7);
    expect(traffic.lostReasons).toHaveLength(5);
  });
});

describe("traffic of a fan-in", () => {
  it("credits the publisher that a message came from", () => {
    begin("fanin", { count: 3 });
    arrive(0, 2, 0);
    arrive(0, 2, 1);
    arrive(0, 0, 0);
    expect(delivered()).toEqual([1, 0, 2]);
    expect(traffic.accounting([])).toMatchObject({ lost: 27 });
  });
});

describe("traffic of a fan-out", () => {
  beforeEach(() => begin("fanout", { count: 3 }));

  it("counts a message as through when the last receiver has it", () => {
    arrive(0, 0, 0);
    arrive(0, 0, 1);
    arrive(1, 0, 0);
    expect(delivered()).toEqual([0]);
    arrive(2, 0, 0);
    expect(delivered()).toEqual([1]);
    arrive(1, 0, 1);
    arrive(2, 0, 1);
    expect(delivered()).toEqual([2]);
  });

  it("does not stall on a receiver that misses one", () => {
    for (const receiver of [0, 1]) for (const counter of [0, 1]) arrive(receiver, 0, counter);
    arrive(2, 0, 1);
    expect(delivered()).toEqual([2]);
    expect(traffic.accounting([2])).toMatchObject({ lost: 1 });
  });

  it("takes the publishers' counts from wherever they live", () => {
    arrive(0, 0, 0);
    expect(traffic.accounting([4])).toMatchObject({ lost: 3 + 4 + 4 });
  });
});

describe("traffic with frozen readers", () => {
  it("does not count what they get, nor what they miss", () => {
    begin("slow-reader", { count: 2, frozen: 1 });
    for (let counter = 0; counter < 10; counter += 1) arrive(0, 0, counter);
    arrive(1, 0, 0);
    expect(traffic.accounting([10])).toMatchObject({ delivered: 10, lost: 0 });
  });
});

describe("traffic over many subscriptions", () => {
  it("counts for each publisher and receiver on its own", () => {
    begin("matching", { count: 2, publishers: 2, subscriptions: 10 });
    arrive(0, 0, 0);
    arrive(1, 0, 0);
    arrive(1, 1, 0);
    expect(traffic.accounting([])).toMatchObject({ delivered: 3, reordered: 0, duplicated: 0 });
    expect(delivered()).toEqual([2, 1]);
  });
});
