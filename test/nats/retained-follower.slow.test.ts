import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterNames, retainedSubject } from "../../src/nats/names.js";
import { type NatsFabric, openNatsFabric } from "../../src/nats/nats-fabric.js";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { bytesOf, textOf } from "./fake-nats.js";

const isMissing = !canRun(NATS_SERVER, "--version");
let nodes = 0;

/** What one node is told of the log of retained messages. */
class Reader {
  readonly told: string[] = [];
  readonly places = new Map<number, number>();
  readonly lost: string[] = [];
  readonly fabric: NatsFabric;

  private constructor(fabric: NatsFabric) {
    this.fabric = fabric;
    this.open();
  }

  static async on(servers: NatsServers, name: string): Promise<Reader> {
    return new Reader(await openNatsFabric({ name, servers: servers.urls }));
  }

  open(): void {
    nodes += 1;
    this.fabric.open(nodes.toString(16).padStart(16, "0"), {
      ordered: () => undefined,
      arrived: () => undefined,
      kept: (number, sequence) => {
        if (sequence !== undefined) this.places.set(number, sequence);
      },
      retained: (sequence, bytes) => void this.told.push(`${sequence} ${textOf(bytes)}`),
      retainedBegin: () => void this.told.push("begin"),
      retainedEnd: () => void this.told.push("end"),
      lost: ({ message }) => void this.lost.push(message),
    });
  }

  /** As the cluster does it: again and again, until its place is known. */
  async keep(key: string, number: number, text: string, isRemoval = false): Promise<number> {
    for (;;) {
      this.fabric.keep({ key, number, isRemoval, bytes: bytesOf(text) });
      const end = performance.now() + 2_100;
      while (performance.now() < end) {
        const place = this.places.get(number);
        if (place !== undefined) return place;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
}

/** Looks again and again: how long it takes depends on the machine. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 40_000;
  while (!isSo()) {
    if (performance.now() > end) expect.fail(`in vain: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// Side by side, each with a log of its own: that a log is gone is believed after 25 s.
describe.skipIf(isMissing)("the log of retained messages over one NATS server", () => {
  let servers: NatsServers;
  let direct: NatsConnection;
  beforeAll(async () => {
    servers = await NatsServers.start(1);
    direct = await connect({ servers: [...servers.urls] });
  });
  afterAll(async () => {
    await direct?.close();
    await servers?.stop();
  });

  it.concurrent("tells a newcomer the last record of each topic, and that this was all, then what is new", async () => {
    const a = await Reader.on(servers, "last");
    await until(() => a.told.includes("end"));
    expect(a.told).toEqual(["begin", "end"]);
    await a.keep("x", 1, "x1");
    await a.keep("y", 2, "y1");
    await a.keep("x", 3, "x2");
    const b = await Reader.on(servers, "last");
    await until(() => b.told.includes("end"));
    expect(b.told).toEqual(["begin", "2 y1", "3 x2", "end"]);
    await a.keep("y".repeat(400), 4, "long");
    await until(() => b.told.at(-1) === "4 long" && a.told.at(-1) === "4 long");
    b.open();
    await until(() => b.told.filter((line) => line === "end").length === 2);
    expect(b.told.slice(-5)).toEqual(["begin", "2 y1", "3 x2", "4 long", "end"]);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it.concurrent("[L08] a record that is sent once more stands where its first copy does, and overtakes nothing", async () => {
    const [a, b] = [await Reader.on(servers, "twice"), await Reader.on(servers, "twice")];
    expect(await a.keep("x", 1, "a")).toBe(1);
    expect(await b.keep("x", 1, "b")).toBe(2);
    a.places.clear();
    expect(await a.keep("x", 1, "a")).toBe(1);
    const c = await Reader.on(servers, "twice");
    await until(() => c.told.includes("end"));
    expect(c.told).toEqual(["begin", "2 b", "end"]);
    await Promise.all([a, b, c].map(({ fabric }) => fabric.close()));
  });

  it.concurrent("goes on behind records that are gone, at the end of the log, too", async () => {
    const a = await Reader.on(servers, "holes");
    const { streams } = await jetstreamManager(direct);
    for (let number = 1; number <= 5; number += 1) await a.keep(`t${number}`, number, "r");
    await streams.deleteMessage("BL_holes_RETAINED", 5, false);
    await streams.deleteMessage("BL_holes_RETAINED", 2, false);
    const b = await Reader.on(servers, "holes");
    await until(() => b.told.includes("end"));
    expect(b.told).toEqual(["begin", "1 r", "3 r", "4 r", "end"]);
    await a.keep("t6", 6, "new");
    await until(() => b.told.at(-1) === "6 new");
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it.concurrent("reads on when its consumer is gone: nothing twice, nothing missing", async () => {
    const a = await Reader.on(servers, "consumer");
    await until(() => a.told.includes("end"));
    await a.keep("x", 1, "x1");
    const { consumers } = await jetstreamManager(direct);
    for await (const { name } of consumers.list("BL_consumer_RETAINED")) {
      await consumers.delete("BL_consumer_RETAINED", name);
    }
    await a.keep("y", 2, "y1");
    await until(() => a.told.at(-1) === "2 y1");
    expect(a.told).toEqual(["begin", "end", "1 x1", "2 y1"]);
    await a.fabric.close();
  });

  it.concurrent("goes on after kill -9 of the server: what was stored is there", async () => {
    await using other = await NatsServers.start(1); // nobody else is to feel it
    const [a, b] = [await Reader.on(other, "killed"), await Reader.on(other, "killed")];
    for (let number = 1; number <= 20; number += 1) await a.keep(`t${number}`, number, "before");
    await until(() => b.told.length === 22);
    await other.kill(0);
    await other.restart(0);
    await a.keep("t1", 21, "after");
    await until(() => b.told.at(-1) === "21 after");
    const c = await Reader.on(other, "killed");
    await until(() => c.told.includes("end"));
    expect(c.told).toHaveLength(22);
    expect(c.told).not.toContain("1 before");
    await Promise.all([a, b, c].map(({ fabric }) => fabric.close()));
  });

  it.concurrent("tells that the log was deleted, and refuses one that is none of ours or was changed", async () => {
    const a = await Reader.on(servers, "gone");
    await until(() => a.told.includes("end"));
    const { streams } = await jetstreamManager(direct);
    await streams.delete("BL_gone_RETAINED");
    await until(() => a.lost.length === 1);
    expect(a.lost[0]).toMatch(/retained messages BL_gone_RETAINED were deleted in NATS/);
    await a.fabric.close();
    await streams.add({ name: "BL_gone_RETAINED", subjects: ["gone.>"] });
    await expect(Reader.on(servers, "gone")).rejects.toThrow(/not one that Beeline has made/);
  });

  it.concurrent("reads 20,000 topics while the process does other things, too", {
    timeout: 60_000,
  }, async () => {
    const name = "many";
    const a = await Reader.on(servers, name);
    const names = clusterNames(name);
    for (let at = 0; at < 20_000; at += 1) {
      direct.publish(retainedSubject(names, `t/${at}`), bytesOf("x".repeat(100)));
      if (at % 500 === 0) await direct.flush();
    }
    await direct.flush();
    await until(() => a.told.length === 20_002);
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 1);
    const b = await Reader.on(servers, name);
    const startMs = performance.now();
    await until(() => b.told.at(-1) === "end");
    clearInterval(count);
    console.log(
      `20,000 records read in ${Math.round(performance.now() - startMs)} ms, ${turns} turns`,
    );
    expect(b.told).toHaveLength(20_002);
    expect(turns).toBeGreaterThan(10);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });
});
