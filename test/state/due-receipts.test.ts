import { expect, it } from "vitest";
import { DueReceipts } from "../../src/state/due-receipts.js";

it("[P20] what is due is given out once, in order, with the words of receipts", () => {
  const receipts = new DueReceipts();
  expect(receipts.isEmpty).toBe(true);
  receipts.add("a", 1, "queued");
  for (const outcome of ["delivered", "sent", "dropped", "expired"] as const) {
    receipts.ended("b", 2, outcome);
  }
  expect(receipts.isEmpty).toBe(false);
  expect(receipts.take()).toEqual([
    { address: "a", qos: 1, word: "queued" },
    { address: "b", qos: 2, word: "delivered" },
    { address: "b", qos: 2, word: "sent" },
    { address: "b", qos: 2, word: "dropped" },
    { address: "b", qos: 2, word: "dropped" },
  ]);
  expect([receipts.isEmpty, receipts.take(), receipts.count]).toEqual([true, [], 5]);
});
