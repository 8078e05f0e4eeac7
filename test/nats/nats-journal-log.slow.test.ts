import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journalNames } from "../../src/nats/names.js";
import { type NatsJournalLog, openNatsJournalLog } from "../../src/nats/nats-journal-log.js";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";

describe.skipIf(!canRun(NATS_SERVER, "--version"))("journals of presence in NATS", () => {
  let servers: NatsServers;
  let log: NatsJournalLog;
  beforeAll(async () => {
    servers = await NatsServers.start(3);
    log = await openNatsJournalLog({ name: "test", servers: servers.urls });
  }, 60_000);
  afterAll(async () => {
    await log?.close();
    await servers?.stop();
  });

  it("take a record only behind the one that is the last of that journal", async () => {
    expect(await log.last("a")).toBeUndefined();
    const first = await log.put("a", "one", 0);
    const other = await log.put("b", "else", 0);
    if (first.kind !== "stored" || other.kind !== "stored") throw new Error("it takes nothing");
    expect(await log.put("a", "two", 0)).toEqual({ kind: "refused" });
    expect(await log.put("a", "two", other.sequence)).toEqual({ kind: "refused" });
    const second = await log.put("a", "two", first.sequence);
    expect(second.kind).toBe("stored");
    expect(await log.last("a")).toMatchObject({ text: "two", timeMs: expect.any(Number) });
    expect([...(await log.nodes())].sort()).toEqual(["a", "b"]);
  });

  it("are read in order up to a place, each by itself, and are empty when they are purged", async () => {
    let last = 0;
    for (let nth = 0; nth < 300; nth += 1) {
      const result = await log.put("c", `${nth}`, last);
      if (result.kind !== "stored") throw new Error("it takes nothing");
      last = result.sequence;
    }
    const read: string[] = [];
    await log.read("c", last, ({ text }) => void read.push(text));
    expect(read).toEqual(Array.from({ length: 300 }, (_, nth) => `${nth}`));
    await log.purge("c", last);
    expect(await log.last("c")).toMatchObject({ text: "299" });
    await log.purge("c", last + 1);
    expect(await log.last("c")).toBeUndefined();
    expect((await log.put("c", "again", last)).kind).toBe("refused");
    expect((await log.put("c", "again", 0)).kind).toBe("stored");
    await expect(log.read("none", 1, () => undefined)).rejects.toThrow(/could not be read/);
  });

  it("are made anew when somebody has deleted their stream", async () => {
    const direct = await connect({ servers: [...servers.urls] });
    const { streams } = await jetstreamManager(direct);
    await streams.delete(journalNames("test").stream);
    await direct.close();
    const results: string[] = [];
    for (let tries = 0; tries < 20 && !results.includes("stored"); tries += 1) {
      results.push((await log.put("d", "one", 0)).kind);
    }
    expect([results[0], results.at(-1)]).toEqual(["unknown", "stored"]);
  });
});
