import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ApiClient } from "../../../src/cli/ctl/api-client.js";
import { drain } from "../../../src/cli/ctl/drain.js";

let printed: string[];
beforeEach(() => {
  printed = [];
});
afterEach(() => vi.restoreAllMocks());

const state = (name: string, handedOver: number, left: number) => ({
  ...{ state: name, handedOver, left, connected: 0 },
});

/** An API that says these, one after the other. */
function api(...says: (object | Error)[]): ApiClient {
  const next = async () => {
    const said = says.shift();
    if (said instanceof Error) throw said;
    return said;
  };
  return { post: next, read: next } as never;
}

const asked = (client: ApiClient, json = false) => ({
  ...{ api: client, json, out: (line: string) => void printed.push(line) },
});

it("says how far it is, and that everything was handed over", async () => {
  await drain(asked(api(state("draining", 0, 9), state("draining", 4, 5), state("done", 9, 0))), 5);
  expect(printed).toEqual([
    "handed over 0, left 9, connections 0",
    "handed over 4, left 5, connections 0",
    "all 9 sessions are at other nodes; the node stops",
  ]);
});

it("fails when some were not", async () => {
  const says = api(state("draining", 0, 9), state("incomplete", 4, 5));
  await expect(drain(asked(says, true), 5)).rejects.toThrow("5 sessions were not handed over");
  expect(printed.map((line) => JSON.parse(line).state)).toEqual(["draining", "incomplete"]);
});

it("fails when nobody answers any more, with what was seen last", async () => {
  const says = api(state("draining", 2, 7), new Error("no answer from x"));
  await expect(drain(asked(says), 5)).rejects.toThrow(
    /nobody knows.*last seen: handed over 2, left 7.*no answer from x/,
  );
});
