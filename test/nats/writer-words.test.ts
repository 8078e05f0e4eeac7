import { expect, it } from "vitest";
import { WriterWords } from "../../src/nats/writer-words.js";
import { FencedError } from "../../src/replica/log-writer.js";
import type { KeyedStore } from "../../src/store/keyed-store.js";

it("tells the log, the store and the owner what the writer goes through", () => {
  const told: string[] = [];
  const words = new WriterWords({
    info: (line) => void told.push(line),
    error: (line) => void told.push(line),
  });
  words.fenced(new FencedError("at its start"));
  expect(told).toEqual([]); // whoever starts it is told
  const onFailed = (error: Error) => void told.push(`store: ${error.message}`);
  words.store = { onFailed } as KeyedStore; // all that is called of it
  words.onFenced = ({ message }) => void told.push(`owner: ${message}`);
  words.stalled(new Error("no answer"));
  words.recovered();
  words.fenced(new FencedError("taken over"));
  expect(told).toEqual([
    "nothing can be kept: no answer",
    "store: no answer",
    "the replica takes entries again",
    "taken over",
    "store: taken over",
    "owner: taken over",
  ]);
});
