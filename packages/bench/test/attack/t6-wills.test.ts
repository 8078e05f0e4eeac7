import { expect, it } from "vitest";
import { wills } from "../../src/attack/t6-wills.js";
import { carriedOut } from "./carried-out.js";

it("connects clients that subscribe to each other's Will, and cuts them all", async () => {
  const { stub, notes } = await carriedOut(wills, 0.005);
  expect(stub.wills).toEqual(Array(5).fill("attack/t6"));
  expect(stub.subscribed).toEqual(Array(5).fill("attack/t6"));
  expect(notes).toEqual({ "clients with a Will": 5 });
});
