import type { Msg } from "@nats-io/transport-node";

/** What a stream of JetStream answers to an append. */
export type PubAck =
  | { readonly kind: "stored"; readonly sequence: number }
  /** JetStream says no; `code` is its `err_code`, or 0. */
  | { readonly kind: "error"; readonly code: number; readonly why: string }
  /** Whoever answers is not this stream. */
  | { readonly kind: "foreign" };

const FOREIGN: PubAck = { kind: "foreign" };

/**
 * Reads an answer as one of a stream. Never throws: whatever is no such answer is `foreign`.
 *
 * An error comes first: servers of a cluster name the stream and `"seq":0` beside it.
 */
export function pubAckIn(answer: Pick<Msg, "json">, stream: string): PubAck {
  let read: unknown;
  try {
    read = answer.json();
  } catch {
    return FOREIGN;
  }
  const { stream: named, seq, error } = fieldsOf(read);
  if (error === undefined) {
    if (named !== stream || typeof seq !== "number") return FOREIGN;
    if (Number.isSafeInteger(seq) && seq > 0) return { kind: "stored", sequence: seq };
    return { kind: "error", code: 0, why: "it names no place" };
  }
  const { err_code: code, description } = fieldsOf(error);
  const why = typeof description === "string" ? description : "it gives no reason";
  return { kind: "error", code: typeof code === "number" ? code : 0, why };
}

function fieldsOf(read: unknown): Readonly<Record<string, unknown>> {
  return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
}
