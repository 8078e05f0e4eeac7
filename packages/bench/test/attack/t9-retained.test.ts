import { expect, it } from "vitest";
import { retained } from "../../src/attack/t9-retained.js";
import { carriedOut } from "./carried-out.js";

it("fills the store of retained messages, asks for all of them at once, and empties it", async () => {
  const { stub, during } = await carriedOut(
    retained,
    0.005,
    ({ subscribed }) => subscribed.length === 2,
  );
  expect(during.retained).toBe(1000);
  expect(stub.subscribed).toEqual(["#", "#"]);
  expect(stub.retained.size).toBe(0);
});
