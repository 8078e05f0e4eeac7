import { Hono } from "hono";
import { expect, it } from "vitest";
import { followed } from "../../src/admin/event-stream.js";
import { eventsOf } from "../support/server-sent.js";

interface Line {
  readonly at: number;
}

class Source {
  lines: Line[] = [{ at: 0 }, { at: 1 }];
  readonly listeners = new Set<(line: Line) => void>();

  follow(listener: (line: Line) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(at: number): void {
    for (const listener of [...this.listeners]) listener({ at });
  }
}

async function opened(source: Source): Promise<Response> {
  const app = new Hono();
  app.get("/", (context) => followed(context, source, ({ at }) => at !== 1));
  return app.request("/");
}

it("tells what there is and what comes, as far as it is wanted", async () => {
  const source = new Source();
  const answer = await opened(source);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const events = eventsOf(answer);
  expect(await events.next()).toEqual({ at: 0 });
  source.tell(1);
  source.tell(2);
  expect(await events.next()).toEqual({ at: 2 });
  await events.cancel();
});

it("stops following when nobody reads any more", async () => {
  const source = new Source();
  const events = eventsOf(await opened(source));
  await events.next();
  expect(source.listeners.size).toBe(1);
  await events.cancel();
  source.tell(3); // whoever is gone is noticed with the next line
  await expect.poll(() => source.listeners.size).toBe(0);
});

it("lets a reader go that does not read: what waits for it has a bound", async () => {
  const source = new Source();
  const events = eventsOf(await opened(source));
  await events.next();
  for (let at = 2; at < 20_000; at += 1) source.tell(at);
  let told = 0;
  await expect(async () => {
    for (;;) {
      await events.next();
      told += 1;
    }
  }).rejects.toThrow("the events have ended");
  expect(told).toBeLessThanOrEqual(10_000);
  expect(source.listeners.size).toBe(0);
});
