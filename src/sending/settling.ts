import type { Delivery, DeliveryOutcome } from "../session/delivery.js";
import type { Core } from "../state/core.js";

/** A delivery has come to its end: whoever wants to know is told, a Client at the end of the turn. */
export function settle(core: Core, delivery: Delivery, outcome: DeliveryOutcome): void {
  const { receipt, qos } = delivery;
  if (receipt === undefined) return;
  if (typeof receipt === "string") core.dueReceipts.ended(receipt, qos, outcome);
  else receipt.settle(outcome);
}
