import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Lines } from "./source.js";

/** Lines that may wait for a reader that does not read; then it is let go. */
const WAITING_MAX = 5_000;
/** How often a comment shows that nobody has gone away. */
const ALIVE_MS = 15_000;

/** Answers with what there is and each line to come, as server-sent events, as long as it is read. */
export function followed<T extends object>(
  context: Context,
  source: Lines<T>,
  isWanted: (line: T) => boolean,
): Response {
  return streamSSE(context, async (stream) => {
    const waiting: T[] = source.lines.filter(isWanted);
    let isOver = false;
    let wake: () => void = ignore;
    const end = (): void => {
      isOver = true;
      wake();
    };
    const stop = source.follow((line) => {
      if (!isWanted(line)) return;
      if (waiting.length === WAITING_MAX) end();
      else waiting.push(line);
      wake();
    });
    stream.onAbort(end);
    try {
      await stream.write(": connected\n\n"); // a browser says so to its page only with the first byte
      while (!isOver) {
        const lines = waiting.splice(0);
        const text = lines.map((line) => `data: ${JSON.stringify(line)}\n\n`).join("");
        await stream.write(text === "" ? ": still here\n\n" : text);
        if (waiting.length > 0 || isOver) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ALIVE_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      stop();
    }
  });
}

function ignore(): void {}
