import { expect, it } from "vitest";
import { WatchHost } from "../../src/attack/watch-host.js";
import { StubBroker } from "../stub-broker.js";

it("carries out calls, and tells what went wrong", async () => {
  const stub = await StubBroker.start();
  const host = new WatchHost();
  const address = { host: "127.0.0.1", port: stub.port };
  for (let attack = 0; attack < 2; attack += 1) {
    expect(await host.carryOut({ method: "start", args: [address, undefined] })).toEqual({});
    const reply = await host.carryOut({ method: "end", args: [10_000] });
    expect(reply).toMatchObject({ value: { canary: { lost: 0 } } });
    await host.carryOut({ method: "close", args: [] });
  }
  await stub.stop();
  expect(await host.carryOut({ method: "start", args: [address, undefined] })).toEqual({
    error: expect.stringMatching(/ECONNREFUSED/),
  });
});
