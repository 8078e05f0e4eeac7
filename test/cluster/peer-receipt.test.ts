import { describe, expect, it } from "vitest";
import type { Peer } from "../../src/cluster/peer.js";
import { PeerReceipt } from "../../src/cluster/peer-receipt.js";
import type { DeliveryOutcome } from "../../src/session/delivery.js";

const OWED = { settle: () => undefined, fail: () => undefined };

/** What is told when a message for another node has come to this end. */
function toldOf(outcome: DeliveryOutcome): [PeerReceipt, boolean][] {
  const told: [PeerReceipt, boolean][] = [];
  const peer = {} as Peer; // nothing of it is asked
  const ended = (receipt: PeerReceipt, isDone: boolean): void => {
    told.push([receipt, isDone]);
  };
  const receipt = new PeerReceipt(peer, undefined, 1, OWED, undefined, ended);
  receipt.settle(outcome);
  return told;
}

describe("PeerReceipt", () => {
  it("says that a node has a message when it has acknowledged it", () => {
    const [[receipt, isDone] = []] = toldOf("delivered");
    expect(receipt).toMatchObject({ qos: 1, owed: OWED, counted: undefined });
    expect(isDone).toBe(true);
  });

  it("says of a message that has come to any other end that it has not", () => {
    expect(toldOf("dropped").map(([, isDone]) => isDone)).toEqual([false]);
    expect(toldOf("sent").map(([, isDone]) => isDone)).toEqual([false]);
  });
});
