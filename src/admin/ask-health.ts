/** How long the server may take to answer. */
const ANSWER_MS_MAX = 5_000;

const HINT = "start the server, or say with --url where its admin port is";

/** What came of asking. */
export interface HealthAnswer {
  readonly isHealthy: boolean;
  /** For people: what the server says, or why it says nothing. */
  readonly words: string;
}

/** Asks a server how it is: `/healthz` or `/readyz` of its admin listener. Never throws. */
export async function askHealth(url: string): Promise<HealthAnswer> {
  try {
    const answer = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = (await answer.text()).slice(0, TEXT_MAX).trim();
    return { isHealthy: answer.ok, words: `${url} answers ${answer.status}: ${text}` };
  } catch (error) {
    return { isHealthy: false, words: `${url} does not answer: ${reasonOf(error)}; ${HINT}` };
  }
}

/** What went wrong underneath: `fetch failed` says nothing. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

const TEXT_MAX = 1_000;
