import { Agent, get } from "node:http";
import { TOKEN } from "./watched-server.js";

/** What is asked for next. */
export interface Request {
  readonly path: string;
  /** Default: the right one. */
  readonly token?: string;
}

/** What came of it. */
export interface Flooded {
  readonly answers: number;
  readonly failures: number;
}

/**
 * Asks again and again, as fast as there are answers, on some connections at once.
 *
 * @param next - Told what the last answer on this connection was.
 * @returns what ends it.
 */
export function flood(
  url: string,
  connections: number,
  next: (last: string) => Request,
): () => Promise<Flooded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let isOver = false;
  let answers = 0;
  let failures = 0;
  const one = async (): Promise<void> => {
    let last = "";
    while (!isOver) {
      const { path, token = TOKEN } = next(last);
      last = await asked(agent, url + path, token).catch(() => "");
      if (last === "") failures += 1;
      else answers += 1;
    }
  };
  const all = Promise.all(Array.from({ length: connections }, one));
  return async () => {
    isOver = true;
    await all;
    agent.destroy();
    return { answers, failures };
  };
}

function asked(agent: Agent, url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = get(url, { agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    request.on("error", reject);
  });
}
