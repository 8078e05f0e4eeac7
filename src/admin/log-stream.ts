import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

/** Where lines of the log come from. */
export interface LogLines {
  readonly lines: readonly object[];
  follow(listener: (line: object) => void): () => void;
}

/** Lines that may wait for a reader that does not read; then it is let go. */
const WAITING_MAX = 5_000;
/** How often a line says that nobody has gone away. */
const ALIVE_MS = 15_000;

/** `GET /log`: the last lines of the server's log, and each that is written from now on, as events. */
export function logStream(log: LogLines): Hono {
  const app = new Hono();
  app.get("/log", (context) =>
    streamSSE(context, async (stream) => {
      const waiting: object[] = [...log.lines];
      let isOver = false;
      let wake: () => void = () => undefined;
      const stop = log.follow((line) => {
        if (waiting.length < WAITING_MAX) waiting.push(line);
        else isOver = true;
        wake();
      });
      stream.onAbort(() => {
        isOver = true;
        wake();
      });
      try {
        await stream.write(": the log\n\n"); // so that the reader knows that it is connected
        while (!isOver) {
          const lines = waiting.splice(0);
          const text = lines.map((line) => `data: ${JSON.stringify(line)}\n\n`).join("");
          await stream.write(text === "" ? ": still here\n\n" : text);
          if (waiting.length === 0 && !isOver) {
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, ALIVE_MS);
              wake = () => {
                clearTimeout(timer);
                resolve();
              };
            });
          }
        }
      } finally {
        stop();
      }
    }),
  );
  return app;
}
