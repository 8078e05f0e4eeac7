import { describe, expect, it } from "vitest";
import { NO_CLUSTER } from "../../src/state/cluster.js";
import { Harness } from "../support/harness.js";

describe("a node that is alone", () => {
  it("asks nobody, and serves for ever", () => {
    expect(NO_CLUSTER).toMatchObject({
      isOn: false,
      isLeaving: false,
      hasWork: false,
      awayCount: 0,
    });
    expect(NO_CLUSTER.servesUntilMs).toBe(Number.POSITIVE_INFINITY);
    expect(new Harness().broker.disconnect("nobody", 1_000)).toBe(false);
  });
});
