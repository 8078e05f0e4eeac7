/** What became of a message to one Client, for people. */
export interface ReceiptWords {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
  readonly text: string;
}

const WORDS: Readonly<Record<string, ReceiptWords>> = {
  delivered: {
    tone: "good",
    title: "Delivered",
    text: "The client has acknowledged it.",
  },
  sent: {
    tone: "good",
    title: "Sent",
    text: "It was handed to the client's connection. At QoS 0, or without confirmation, nothing more is known.",
  },
  queued: {
    tone: "warn",
    title: "Queued",
    text: "It is kept and delivered when the client comes back or has room.",
  },
  offline: {
    tone: "bad",
    title: "Offline",
    text: "There is no such client now, and the message is not kept for it.",
  },
  denied: { tone: "bad", title: "Denied", text: "This client may not be sent to." },
  timeout: {
    tone: "warn",
    title: "No acknowledgement in time",
    text: "The client did not answer in the time given. The message may still arrive.",
  },
  dropped: {
    tone: "bad",
    title: "Dropped",
    text: "It was given up: a limit was reached, or the session has ended.",
  },
  "store-failed": {
    tone: "bad",
    title: "Not safe",
    text: "The disk failed before the message was on it. It may arrive all the same.",
  },
  accepted: {
    tone: "good",
    title: "Accepted",
    text: "The server has taken it over, and this client may not know more.",
  },
};

/** Words for an outcome; for one that a newer server has, its name. */
export function receiptWords(outcome: string): ReceiptWords {
  return WORDS[outcome] ?? { tone: "warn", title: outcome, text: "" };
}
