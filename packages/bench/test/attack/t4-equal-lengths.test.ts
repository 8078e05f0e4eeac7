import { expect, it } from "vitest";
import { equalLengths } from "../../src/attack/t4-equal-lengths.js";
import { carriedOut } from "./carried-out.js";

it("subscribes to different filters of one length, over 16,383 characters", async () => {
  const { stub } = await carriedOut(equalLengths, 0.002);
  expect(stub.subscribed).toHaveLength(12);
  expect(new Set(stub.subscribed).size).toBe(12);
  expect(new Set(stub.subscribed.map(({ length }) => length))).toEqual(new Set([16_390]));
});
