import { createHmac, randomUUID } from "node:crypto";

/** One POST: the same for every try. */
export interface WebhookRequest {
  /** Whoever gets it twice knows it by this. */
  readonly id: string;
  readonly body: string;
  /** Events in it. */
  readonly count: number;
}

/** What is sent of which broker. @param events - As JSON. @param dropped - Lost before the first of them. */
export function webhookRequest(
  node: string,
  events: readonly string[],
  dropped: number,
): WebhookRequest {
  const body = `{"node":${JSON.stringify(node)},"dropped":${dropped},"events":[${events.join(",")}]}`;
  return { id: `msg_${randomUUID()}`, body, count: events.length };
}

/**
 * The headers of the Standard Webhooks convention, for which there are libraries in every language:
 * the signature is `v1,` and Base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`.
 *
 * @param secret - With `whsec_` in front the rest is Base64; `undefined`: nothing is signed.
 * @param nowMs - In ms since 1970.
 */
export function webhookHeaders(
  { id, body }: WebhookRequest,
  secret: string | undefined,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(secret !== undefined && {
      "webhook-signature": `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`,
    }),
  };
}

function signature(secret: string, text: string): string {
  const key = secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), "base64")
    : secret;
  return createHmac("sha256", key).update(text).digest("base64");
}

const PREFIX = "whsec_";

/** A POST that got no answer; the reason is ours, and names no secret. */
export class NoAnswer extends Error {}

/**
 * Sends it once.
 *
 * @returns the HTTP status of the answer.
 * @throws NoAnswer when none came in time.
 */
export async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<number> {
  try {
    // No redirect: to wherever that leads, over whatever.
    const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    throw new NoAnswer(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NoAnswer) return error.message; // whoever has no more patience
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "it could not be reached";
}
