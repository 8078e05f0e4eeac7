import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { benchOptions } from "../src/scenarios.js";
import { SliceHost } from "../src/slice-host.js";
import { StubBroker } from "./stub-broker.js";

let stub: StubBroker;

beforeEach(async () => {
  stub = await StubBroker.start();
});

afterEach(() => stub.stop());

describe("the host of a slice", () => {
  it("answers a call with what came of it", async () => {
    const host = new SliceHost();
    const options = benchOptions("connect", { port: stub.port, count: 3 });
    const share = { index: 0, of: 1 };
    expect(await host.carryOut({ method: "create", args: [options, share] })).toBeUndefined();
    expect(await host.carryOut({ method: "connect", args: [] })).toMatchObject({
      value: { connections: 3 },
    });
    expect(await host.carryOut({ method: "close", args: [] })).toEqual({ value: undefined });
  });

  it("answers a failed call with the reason", async () => {
    const host = new SliceHost();
    const options = benchOptions("connect", { port: 1, count: 1 });
    await host.carryOut({ method: "create", args: [options, { index: 0, of: 1 }] });
    expect(await host.carryOut({ method: "connect", args: [] })).toEqual({
      error: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
