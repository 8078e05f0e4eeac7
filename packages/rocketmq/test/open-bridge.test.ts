import { describe, expect, it } from "vitest";
import type { AdapterHost, Place } from "../src/adapter.js";
import { openBridge } from "../src/index.js";
import { FakeAdapter } from "./fake-adapter.js";

describe("openBridge", () => {
  it("makes the adapter of the protocol, with all it needs", async () => {
    const made: unknown[] = [];
    const make = (name: string) => async (place: Place) => {
      made.push([name, place]);
      return new FakeAdapter();
    };
    const adapters = { grpc: make("grpc"), remoting: make("remoting") };
    await openBridge({ address: "a:1", inTopics: ["t"] }, adapters);
    const own = { group: "g", tags: "a||b", tls: true, accessKey: "k", secret: "s" };
    await openBridge({ address: "a:1;b:2", protocol: "remoting", ...own }, adapters);
    const defaults = { group: "beeline", tags: "*", tls: false };
    expect(made).toEqual([
      ["grpc", { address: "a:1", ...defaults, accessKey: undefined, secret: undefined }],
      ["remoting", { address: "a:1;b:2", ...own }],
    ]);
  });

  it("shows what the adapter tells", async () => {
    let host: AdapterHost | undefined;
    const make = async (_: Place, told: AdapterHost) => {
      host = told;
      return new FakeAdapter();
    };
    const bridge = await openBridge(
      { address: "a:1", inTopics: ["t"] },
      { grpc: make, remoting: make },
    );
    host?.receiving("t", "down");
    expect(bridge.failure).toBe("down");
    host?.receiving("t", undefined);
    host?.acknowledged(undefined);
    expect(bridge.counts).toMatchObject({ isConnected: true, acknowledged: 1 });
  });

  it("refuses options that cannot be", async () => {
    await expect(openBridge({ address: "nowhere" })).rejects.toThrow("address is");
  });
});
