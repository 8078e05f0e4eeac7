import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { openCluster } from "../../src/server/cluster.js";
import { openedBroker } from "../../src/server/opened-broker.js";
import { type StandInConfig, standIn } from "../../src/server/stand-in.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { type MemoryFabric, MemoryLog } from "../support/memory-fabric.js";

// What needs NATS is `nats/durable-node.slow`: here the log and the home are in this process.
vi.mock("../../src/server/cluster.js", async (original) => {
  const all = await original<typeof import("../../src/server/cluster.js")>();
  return { ...all, openCluster: vi.fn(all.openCluster) };
});
vi.mock("../../src/server/opened-broker.js", async (original) => {
  const all = await original<typeof import("../../src/server/opened-broker.js")>();
  return { ...all, openedBroker: vi.fn(all.openedBroker) };
});

const WAIT_MS = 20_000;
const CONFIG: StandInConfig = {
  ...{ broker: {}, listeners: [], store: { path: "/nobody/opens/that" }, by: "b" },
  cluster: {
    ...{ servers: ["nats://127.0.0.1:1"], name: "beeline", credentials: undefined },
    ...{ nodeName: "a", onEngineLoss: "close", tls: undefined },
  },
};

let log: MemoryLog;
/** What node a has kept: one session. */
let home: MemoryBackend;
let brokers: MqttBroker[];
let fabrics: MemoryFabric[];
/** What tells the stand-in begun last that it has lost the cluster, or its home. */
let lose: (reason: Error) => void;
let fence: (reason: Error) => void;

beforeEach(async () => {
  log = new MemoryLog();
  home = new MemoryBackend();
  brokers = [];
  fabrics = [];
  const alone = createBroker({ store: memoryStore(home) });
  await alone.connectInProcess({ clientId: "x", cleanSession: false });
  await alone.close();
  vi.mocked(openCluster).mockImplementation(async ({ nodeName, onEngineLoss }) => {
    const fabric = log.fabric();
    fabrics.push(fabric);
    let onLost: (reason: Error) => void = () => undefined;
    const lost = new Promise<Error>((resolve) => {
      onLost = lose = resolve;
    });
    const fabricState = () => ({}) as never;
    const option = { nodeName, fabric, onEngineLoss, onLost };
    return { option, lost, fabricState, close: () => fabric.close() };
  });
  vi.mocked(openedBroker).mockImplementation(async ({ broker: options }) => {
    const broker = createBroker({ ...options, store: memoryStore(home) });
    brokers.push(broker);
    const fenced = new Promise<Error>((resolve) => {
      fence = resolve;
    });
    return { broker, fenced };
  });
});
afterEach(async () => {
  for (const broker of brokers) await broker.close();
  vi.mocked(openCluster).mockReset();
  vi.mocked(openedBroker).mockReset();
});

/** Another node, which keeps its sessions as well. */
function other(): MqttBroker {
  const cluster = { nodeName: "b", fabric: log.fabric() };
  const broker = createBroker({ cluster, store: memoryStore() });
  brokers.push(broker);
  return broker;
}

/** Until the stand-in is a member, with something that nobody takes. */
async function begun(): Promise<void> {
  await vi.waitFor(() => {
    const nodes = brokers.at(-1)?.cluster?.status().nodes;
    expect(nodes?.map(({ name, standsIn }) => [name, standsIn])).toEqual([["a", true]]);
  }, WAIT_MS);
}

describe("[M35] a node that stands in for another one", () => {
  it("gives all that was kept to the others, and leaves them", async () => {
    const heir = other();
    await standIn(CONFIG, {});
    expect(heir.client("x")).toBeDefined();
    expect(fabrics.map(({ isClosed }) => isClosed)).toEqual([true]);
    await vi.waitFor(() => expect(heir.cluster?.status().nodes).toHaveLength(1), WAIT_MS);
  });

  it("lets go of the cluster when what was kept cannot be had, and says why", async () => {
    vi.mocked(openedBroker).mockRejectedValueOnce(new Error("the replica is damaged"));
    await expect(standIn(CONFIG, {})).rejects.toThrow("the replica is damaged");
    expect(fabrics.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it.each([
    ["NATS is lost to it half way", () => lose(new Error("its log was deleted"))],
    ["the node comes back in that moment", () => fence(new Error("another server has taken over"))],
  ])(
    "ends without a word to the others when %s: what is left is not to be given up",
    async (_why, how) => {
      const standing = standIn(CONFIG, {});
      await begun();
      how();
      await expect(standing).rejects.toThrow(/its log was deleted|another server has taken over/);
      expect(fabrics.map(({ isClosed }) => isClosed)).toEqual([false]);
      const heir = other();
      await vi.waitFor(() => expect(heir.cluster?.status().nodes).toHaveLength(2), WAIT_MS);
    },
  );

  it("goes on where another one has begun, which cannot go on: two may want to at once", async () => {
    const first = standIn(CONFIG, {});
    const failed = expect(first).rejects.toThrow(/another node has (its name|joined the cluster)/);
    await begun();
    const second = standIn(CONFIG, {});
    await failed;
    const heir = other();
    await second;
    expect(heir.client("x")).toBeDefined();
  });

  it("says why it cannot: what its credentials are, before it waits for anybody", async () => {
    const real = await vi.importActual<typeof import("../../src/server/cluster.js")>(
      "../../src/server/cluster.js",
    );
    vi.mocked(openCluster).mockImplementation(real.openCluster);
    const cluster = { ...CONFIG.cluster, credentials: "/nobody/has/that/file" };
    await expect(standIn({ ...CONFIG, cluster }, {})).rejects.toThrow("/nobody/has/that/file");
  });
});
