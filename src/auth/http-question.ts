import type { ConnectAttempt } from "../ports/policy.js";

/** Where somebody is asked, and how long. */
export interface Question {
  readonly url: string;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
}

/** An answer is some words. */
const ANSWER_BYTES_MAX = 64 * 1024;

/**
 * Asks about an attempt to connect.
 *
 * @returns what came, parsed.
 * @throws Error when nothing came in time, or something else than an answer: without what was asked.
 */
export async function ask(question: Question, attempt: ConnectAttempt): Promise<unknown> {
  try {
    return await answerTo(question, attempt);
  } catch (error) {
    throw new Error(`${placeOf(question.url)} gave no answer about a client: ${reasonOf(error)}`);
  }
}

async function answerTo(
  { url, secret, timeoutMs }: Question,
  attempt: ConnectAttempt,
): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
    },
    body: JSON.stringify(shownOf(attempt)),
    redirect: "error", // to wherever that leads, over whatever
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await textOf(response);
  if (response.status !== 200) throw new Unfit(`it answered with HTTP ${response.status}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Unfit("its answer is no JSON");
  }
}

/** What it is told: the password as text where it is one, else in Base64. */
function shownOf(attempt: ConnectAttempt): object {
  const { clientId, username, password, remoteAddress, listener, cleanSession } = attempt;
  const { keepAliveSeconds, protocolLevel, certificate } = attempt;
  return {
    clientId,
    username: username ?? null,
    ...passwordOf(password),
    remoteAddress,
    listener: listener ?? null,
    cleanSession,
    keepAliveSeconds,
    protocolLevel,
    certificate: certificate
      ? {
          commonName: certificate.subject.CN ?? null,
          subjectAltName: certificate.subjectaltname ?? null,
          fingerprint256: certificate.fingerprint256,
        }
      : null,
  };
}

function passwordOf(password: Uint8Array | undefined): object {
  if (password === undefined) return { password: null };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(password);
    return { password: text };
  } catch {
    return { password: null, passwordBase64: Buffer.from(password).toString("base64") };
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX)
      throw new Unfit(`its answer has more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** An answer that is none; the reason is ours. */
class Unfit extends Error {}

/** Without what stands behind it, which may be a secret. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Unfit) return error.message;
  if (!(error instanceof Error)) return "it failed";
  if (error.name === "TimeoutError") return "its time was up";
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "it could not be reached";
}
