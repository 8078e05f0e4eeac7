import { textOfFile } from "../../files/bounded-file.js";
import { readingWords } from "../../files/file-words.js";

/** Where the API is, and who asks. */
export interface ApiAddress {
  /** Like `http://127.0.0.1:18083`. */
  readonly url: string;
  /** Holds the token. */
  readonly tokenFile: string;
}

type Query = Readonly<Record<string, string | undefined>>;

/** The admin API of a server, for commands: what it refuses is thrown, in its words. */
export class ApiClient {
  readonly #url: string;
  readonly #tokenFile: string;
  readonly #authorization: string;

  /** @throws Error when the token cannot be read. */
  constructor({ url, tokenFile }: ApiAddress) {
    this.#url = `${url.replace(/\/+$/, "")}/api/v1`;
    this.#tokenFile = tokenFile;
    this.#authorization = `Bearer ${tokenFrom(tokenFile)}`;
  }

  async read<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.#ask("GET", path + queryText(query))).json() as Promise<T>; // as its document says
  }

  /** @returns what it says; `undefined`: nothing. */
  async post<T>(path: string, body?: object): Promise<T> {
    return answered(await this.#ask("POST", path, body)) as Promise<T>;
  }

  async delete<T>(path: string): Promise<T> {
    return answered(await this.#ask("DELETE", path)) as Promise<T>;
  }

  /** Server-sent events, until the server ends them or nobody wants more. */
  async *follow(path: string, query: Query = {}): AsyncGenerator<unknown> {
    const { body } = await this.#ask("GET", path + queryText(query));
    if (body === null) return;
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        if (event.startsWith(DATA)) yield JSON.parse(event.slice(DATA.length));
      }
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<Response> {
    const url = this.#url + path;
    const answer = await this.#answer(url, {
      method,
      redirect: "error",
      headers: {
        authorization: this.#authorization,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    const { detail } = (await answer.json().catch(() => ({}))) as { detail?: unknown };
    const words = typeof detail === "string" ? detail : `${url} answers ${answer.status}`;
    if (answer.status !== UNAUTHORIZED) throw new Error(words);
    throw new Error(
      `${words}; it was read from ${this.#tokenFile}: say with --token-file where the right one is`,
    );
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      const { cause, message } = error as Error; // fetch throws nothing else
      const why = cause instanceof Error ? cause.message : message;
      throw new Error(`no answer from ${url}: ${why}; say with --url where the admin port is`);
    }
  }
}

const UNAUTHORIZED = 401;
const DATA = "data: ";
const TOKEN_BYTES_MAX = 64 * 1024;

function tokenFrom(file: string): string {
  const where = "ask from the folder of the server, or say with --token-file where it is";
  let token: string;
  try {
    token = textOfFile(file, TOKEN_BYTES_MAX).trim();
  } catch (error) {
    throw new Error(`the token cannot be read from ${file}: ${readingWords(error)}; ${where}`);
  }
  // What cannot be a header would be quoted in the error of fetch, and may be a secret.
  if (/^[ -~]+$/.test(token)) return token;
  throw new Error(`${file} holds no token: one is a line of ASCII characters; ${where}`);
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

async function answered(answer: Response): Promise<unknown> {
  const text = await answer.text();
  return text === "" ? undefined : JSON.parse(text);
}
