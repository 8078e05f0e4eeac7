import { describe, expect, it } from "vitest";
import { encodeAppend } from "../../src/cluster/entries.js";
import { Order, OrderError } from "../../src/cluster/order.js";
import { StillCluster } from "../support/still-cluster.js";

const nothing = (): void => undefined;
const EFFECTS = {
  joined: nothing,
  left: nothing,
  wanted: nothing,
  unwanted: nothing,
  held: nothing,
  asked: nothing,
  withdrawn: () => undefined,
  turnedDown: nothing,
  claimed: nothing,
  incomplete: nothing,
};

const ALONE = { canStandIn: () => false, standIn: nothing, gave: nothing };

describe("a node's part in the order log", () => {
  it("[L04] a node that reads nothing of its own serves nobody before others take over", () => {
    const cluster = new StillCluster(2);
    const client = cluster.connect("r", 0);
    cluster.node(0).fabric.isCut = true;
    cluster.wait(10_000);
    expect(client.life.isConnected).toBe(true);
    cluster.wait(3_000);
    expect(client.life.isConnected).toBe(false);
    expect(cluster.node(1).cluster.whereIs("r")).toBe("n0");
    cluster.wait(6_000);
    expect(cluster.node(1).cluster.whereIs("r")).toBeUndefined();
    cluster.node(0).fabric.mend();
    cluster.wait(3_000);
    expect(cluster.connect("r", 0).life.isConnected).toBe(true); // as a new one
  });

  it("[L03] passes over what is not ours, and stops where something of ours is missing or too new", () => {
    const fabric = { append: nothing, send: nothing };
    const order = new Order(
      "0123456789abcdef",
      { name: "n", keeps: false },
      fabric,
      EFFECTS,
      ALONE,
    );
    expect(order.take(7, Uint8Array.of(1, 2, 3, 4, 5), 1)).toBe(false);
    expect(() => order.take(9, Uint8Array.of(1), 1)).toThrow(OrderError);
    const newer = encodeAppend("0123456789abcdef", 1, []);
    newer[3] = 2;
    expect(() => order.take(8, newer, 1)).toThrow(OrderError);
  });
});
