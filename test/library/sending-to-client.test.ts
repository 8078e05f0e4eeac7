import { expect, it } from "vitest";
import type { Broker } from "../../src/broker/broker.js";
import type { PendingReceipt } from "../../src/library/receipts.js";
import { send } from "../../src/library/sending-to-client.js";

const MESSAGE = { parent: "p", payload: new Uint8Array(0), qos: 1 } as const;

function sent(outcome: string | Error, confirm: boolean) {
  const told: unknown[] = [];
  const pending = new Set<PendingReceipt>();
  const engine = {
    identityOf: () => undefined,
    sendToClient: (_id: string, _message: object, _now: number, tell: (one: string) => void) => {
      if (outcome instanceof Error) throw outcome;
      tell(outcome);
    },
  } as unknown as Broker;
  const sending = { clientId: "c", message: MESSAGE, confirm, timeoutMs: 60_000 };
  const tell = (answer: unknown): unknown => told.push(answer);
  send(engine, pending, sending, tell, tell);
  return { told, pending };
}

it.each(["sent", "queued", "offline", "denied", "dropped"])("[P12] tells %s at once", (outcome) => {
  expect(sent(outcome, false)).toEqual({ told: [outcome], pending: new Set() });
});

it.each(["sent", "queued"])("[P12] waits for the receiver behind %s when asked to", (outcome) => {
  const { told, pending } = sent(outcome, true);
  expect([told, pending.size]).toEqual([[], 1]);
  for (const receipt of pending) receipt.end("dropped"); // its timer with it
});

it("hands on what the engine says of a wrong argument", () => {
  const error = new Error("parent is wrong");
  expect(sent(error, true).told[0]).toBe(error);
});
