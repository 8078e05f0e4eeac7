import { expect, it } from "vitest";
import { settle } from "../../src/sending/settling.js";
import type { Core } from "../../src/state/core.js";
import { DueReceipts } from "../../src/state/due-receipts.js";
import { delivery } from "../support/session-parts.js";

it("[P12] [P20] the end of a delivery is told to who asked: somebody in this process, a Client, or nobody", () => {
  const dueReceipts = new DueReceipts();
  const core = { dueReceipts } as Core; // all that is looked at
  const outcomes: string[] = [];
  const asked = delivery({ qos: 1 });
  settle(core, asked, "delivered");
  asked.receipt = { settle: (outcome) => outcomes.push(outcome) };
  settle(core, asked, "expired");
  expect([outcomes, dueReceipts.isEmpty]).toEqual([["expired"], true]);
  asked.receipt = "address";
  settle(core, asked, "dropped");
  expect(dueReceipts.take()).toEqual([{ address: "address", qos: 1, word: "dropped" }]);
});
