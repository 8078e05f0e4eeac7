import type { Broker } from "../broker/broker.js";
import { nowMs } from "../net/clock.js";
import type { completedDirect } from "./messages.js";
import { PendingReceipt, type SendOutcome } from "./receipts.js";

type Completed = ReturnType<typeof completedDirect>;

/** A message for one Client, and how long its sender waits. */
export interface Sending extends Pick<Completed, "confirm" | "timeoutMs"> {
  readonly clientId: string;
  readonly message: Omit<Completed, "confirm" | "timeoutMs">;
}

/** Sends it in a turn of its own, and tells once what became of it. [P12] */
export function send(
  engine: Broker,
  pending: Set<PendingReceipt>,
  { clientId, message, confirm, timeoutMs }: Sending,
  resolve: (outcome: SendOutcome) => void,
  reject: (error: unknown) => void,
): void {
  const isOffline = (): boolean => engine.identityOf(clientId) === undefined;
  const wasOffline = isOffline();
  const receipt = new PendingReceipt(pending, resolve, () =>
    wasOffline && isOffline() ? "queued" : "timeout",
  );
  try {
    engine.sendToClient(clientId, { ...message, receipt }, nowMs(), (outcome) => {
      if (confirm && (outcome === "sent" || outcome === "queued")) receipt.start(timeoutMs);
      else receipt.end(outcome); // unless it was dropped meanwhile
    });
  } catch (error) {
    reject(error);
    receipt.end("dropped");
  }
}
