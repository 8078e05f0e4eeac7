import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Budget, Budgets } from "../../src/state/budgets.js";
import { Harness } from "../support/harness.js";

describe("a budget", () => {
  it("has room up to its limit, not one past it", () => {
    const budget = new Budget(3);
    budget.take(2);
    expect([budget.hasRoom(), budget.hasRoom(1), budget.hasRoom(2)]).toEqual([true, true, false]);
    budget.take();
    expect([budget.hasRoom(), budget.hasRoom(0)]).toEqual([false, true]);
    budget.give(3);
    expect(budget.used).toBe(0);
  });

  it("may be taken beyond: then not even nothing has room", () => {
    const budget = new Budget(0);
    budget.take(5);
    expect(budget.hasRoom(0)).toBe(false);
  });
});

describe("the budgets of a broker", () => {
  it("come from its limits", () => {
    const limits = { ...DEFAULT_LIMITS, connectionsMax: 1, willBytesMax: 2 };
    const budgets = new Budgets(limits);
    expect([budgets.connections.hasRoom(1), budgets.connections.hasRoom(2)]).toEqual([true, false]);
    expect([budgets.wills.hasRoom(2), budgets.wills.hasRoom(3)]).toEqual([true, false]);
  });

  it("are what statistics show, and no limit asks the statistics", () => {
    const harness = new Harness({ limits: { connectionsMax: 1 } });
    harness.connect({ clientId: "a", will: { topicName: "w" } });
    expect(harness.broker.stats).toMatchObject({ connections: 1, willBytes: 5 });
    harness.open();
    expect(harness.closes).toMatchObject([{ reason: "too-many-connections" }]);
  });

  it("follow the limits while the broker runs", () => {
    const harness = new Harness({ limits: { connectionsMax: 1 } });
    harness.connect({ clientId: "a" });
    harness.broker.changeLimits({ connectionsMax: 2 });
    harness.connect({ clientId: "b" });
    harness.open();
    expect(harness.closes).toMatchObject([{ reason: "too-many-connections" }]);
  });

  it.each([
    ["connections", "connectionsMax"],
    ["pointToPoint", "pointToPointTotalMax"],
    ["retained", "retainedBytesMax"],
    ["subscriptions", "subscriptionBytesMax"],
    ["wills", "willBytesMax"],
    ["blocked", "outboundTotalBytesMax"],
  ] as const)("%s: another limit holds at once, and what is taken stays", (name, limit) => {
    const budgets = new Budgets({ ...DEFAULT_LIMITS, [limit]: 5 });
    const budget = budgets[name];
    budget.take(4);
    budgets.changeLimits({ ...DEFAULT_LIMITS, [limit]: 3 });
    expect([budget.used, budget.hasRoom(0)]).toEqual([4, false]);
    budgets.changeLimits({ ...DEFAULT_LIMITS, [limit]: 7 });
    expect([budget.hasRoom(3), budget.hasRoom(4)]).toEqual([true, false]);
  });
});
