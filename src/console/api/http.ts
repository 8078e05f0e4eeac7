/** A request that did not bring what it was to bring: in words that people can be shown. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** Of HTTP; 0: there was no answer. */
  readonly status: number;
  /** What became of a message that was to be sent. */
  readonly outcome: string | undefined;

  constructor(message: string, status: number, outcome?: string) {
    super(message);
    this.status = status;
    this.outcome = outcome;
  }
}

const NO_ANSWER = "The server does not answer. It may be restarting, or the network is down.";

/** What is asked of `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type Query = Readonly<Record<string, string | number | undefined>>;

/** Speaks to the server that the page has come from. */
export class Http {
  readonly #fetch: Fetch;
  readonly #onSignedOut: () => void;

  /** @param onSignedOut - The server wants to know who asks. */
  constructor(fetch: Fetch, onSignedOut: () => void) {
    this.#fetch = fetch;
    this.#onSignedOut = onSignedOut;
  }

  /** @throws {@link ApiError} as all of these. */
  async read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const response = await this.#ask(pathWith(path, query), {
      method: "GET",
      ...(signal && { signal }),
    });
    return (await bodyOf(response)) as T; // of the same release as this page
  }

  async post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
    const response = await this.#ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    return (await bodyOf(response)) as T;
  }

  async delete<T>(path: string): Promise<T> {
    return (await bodyOf(await this.#ask(path, { method: "DELETE" }))) as T;
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#answerTo(path, init);
    if (response.ok) return response;
    if (response.status === 401) this.#onSignedOut();
    throw await problemOf(response);
  }

  async #answerTo(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(path, { ...init, credentials: "same-origin" });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(NO_ANSWER, 0);
    }
  }
}

/** One part of a path: an identifier may hold a slash. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

/** Why something failed, for people. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pathWith(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** What was answered; nothing, where nothing was to be said. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    if (isAborted(error)) throw error;
    throw new ApiError(NO_ANSWER, 0); // gone in the middle of it
  });
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(notOurs(response.status), response.status);
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** What a problem says of itself (RFC 9457), or what its status means. */
async function problemOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const known = (await response.json().catch(() => undefined)) as Problem | undefined; // or a proxy's page
  const { detail, outcome } = known ?? {};
  const words = typeof detail === "string" ? sentenceOf(detail) : notOurs(status);
  return new ApiError(words, status, typeof outcome === "string" ? outcome : undefined);
}

type Problem = Readonly<Record<string, unknown>>;

/** The server itself always answers in JSON, and says what is wrong. */
function notOurs(status: number): string {
  return `Something between this page and the server, such as a proxy, answered ${status}.`;
}

/** What the API says in a line of a program, as it stands on a page. Names of fields stay as they are. */
function sentenceOf(detail: string): string {
  const begun = detail.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
  return /[\w)"]$/.test(begun) ? `${begun}.` : begun;
}
