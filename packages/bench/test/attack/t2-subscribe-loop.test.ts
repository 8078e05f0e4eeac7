import { expect, it } from "vitest";
import { subscribeLoop } from "../../src/attack/t2-subscribe-loop.js";
import { carriedOut } from "./carried-out.js";

it("subscribes and unsubscribes the same filters again and again", async () => {
  const { stub, notes } = await carriedOut(
    subscribeLoop,
    0.0004,
    ({ unsubscribed }) => unsubscribed.length >= 20,
  );
  const ten = Array.from({ length: 10 }, (_, n) => `attack/t2/${n}`);
  expect(stub.subscribed.slice(0, 20)).toEqual([...ten, ...ten]);
  expect(stub.unsubscribed.slice(0, 20)).toEqual([...ten, ...ten]);
  expect(notes["rounds of SUBSCRIBE and UNSUBSCRIBE"]).toBeGreaterThanOrEqual(2);
});
