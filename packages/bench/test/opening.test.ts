import { afterEach, describe, expect, it } from "vitest";
import { inParallel, openPeers } from "../src/opening.js";
import { Peer, type PeerEvents } from "../src/peer.js";
import { StubBroker, type StubOptions } from "./stub-broker.js";

const NOTHING: PeerEvents = {
  chunkBegins: () => undefined,
  repliesWait: () => undefined,
  message: () => undefined,
  acknowledged: () => undefined,
  lost: () => undefined,
};

const stubs: StubBroker[] = [];
const peers: Peer[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
  for (const stub of stubs.splice(0)) await stub.stop();
});

async function openTo(options: StubOptions, perSecond: number, sourceAddresses: string[] = []) {
  const stub = await StubBroker.start(options);
  stubs.push(stub);
  for (let at = 0; at < 20; at += 1) peers.push(new Peer("receiver", at, `c${at}`, NOTHING));
  const target = { host: "127.0.0.1", port: stub.port, username: undefined, password: undefined };
  return { stub, opening: await openPeers(peers, () => target, { perSecond, sourceAddresses }) };
}

describe("opening connections", () => {
  it("opens all of them and times each to its CONNACK", async () => {
    const { stub, opening } = await openTo({}, 0);
    expect(stub.connections).toBe(20);
    expect(opening.latency.count).toBe(20);
  });

  it("keeps to the rate", async () => {
    const { opening } = await openTo({}, 200);
    expect(opening.seconds).toBeGreaterThan(19 / 200 - 0.005);
  });

  it.runIf(process.platform === "linux")("uses the source addresses in turn", async () => {
    const { stub } = await openTo({}, 0, ["127.0.0.2", "127.0.0.3"]);
    expect(stub.sources).toEqual(new Set(["127.0.0.2", "127.0.0.3"]));
  });

  it("says by name why a broker refuses", async () => {
    await expect(openTo({ returnCode: 5 }, 0)).rejects.toThrow("CONNACK 5 (not authorized)");
  });
});

describe("inParallel", () => {
  it("never has more at work than allowed", async () => {
    let working = 0;
    let most = 0;
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async () => {
      working += 1;
      most = Math.max(most, working);
      await Promise.resolve();
      working -= 1;
    });
    expect(most).toBe(3);
  });

  it("takes up nothing new after a failure, and throws it", async () => {
    const taken: number[] = [];
    const failing = inParallel([1, 2, 3, 4, 5], 1, async (item) => {
      taken.push(item);
      if (item === 2) throw new Error("two");
    });
    await expect(failing).rejects.toThrow("two");
    expect(taken).toEqual([1, 2]);
  });
});
