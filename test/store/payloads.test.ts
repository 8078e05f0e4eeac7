import { expect, it } from "vitest";
import { encodePayload } from "../../src/store/delivery-record.js";
import { ownerKey, Table } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { Payloads } from "../../src/store/payloads.js";
import { seal } from "../../src/store/seal.js";
import { messageOf } from "../support/deliveries.js";

it("[T5] a large message is read once while somebody has it, and any number of them can be", () => {
  const backend = new MemoryBackend();
  for (let n = 1; n <= 1_100; n += 1) {
    const key = ownerKey(Table.PAYLOAD, n);
    backend.apply({ kind: "put", key, value: seal(key, encodePayload(messageOf("t", `${n}`))) });
  }
  const payloads = new Payloads(backend, () => 0);
  const first = payloads.find(1, 1);
  expect([payloads.find(1, 1) === first, payloads.numberOf(first)]).toEqual([true, 1]);
  for (let n = 2; n <= 1_100; n += 1) {
    expect(Buffer.from(payloads.find(n, 1).payload).toString()).toBe(`${n}`);
  }
  expect(payloads.find(1, 1)).not.toBe(first); // forgotten, and read again
  expect(() => payloads.find(2_000, 1)).toThrow("payload 2000 is damaged: it is not there");
});
