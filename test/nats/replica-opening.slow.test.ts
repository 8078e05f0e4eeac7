import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats, type NatsConnection } from "@nats-io/transport-node";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { openLmdbStore } from "../../src/store/index.js";
import { openFolder } from "../../src/store/lmdb-store.js";
import { decodePosition, positionRecord, REPLICA_KEY } from "../../src/store/replica-position.js";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { ReplicatedNode } from "./replicated-node.js";

const isMissing = !canRun(NATS_SERVER, "--version");
let names = 0;

/** The folder as it is in the middle of its first copy. */
function cutOffCopy(path: string): void {
  const { backend, lock } = openFolder({ path }, true);
  const position = decodePosition(backend.get(REPLICA_KEY) ?? new Uint8Array(0));
  backend.commitNow([positionRecord({ ...position, isWhole: false })]);
  void backend.close();
  lock.release();
}

describe.skipIf(isMissing)("what a replicated store begins with", () => {
  let servers: NatsServers;
  let direct: NatsConnection;
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "beeline-replica-"));
    servers = await NatsServers.start(1);
    direct = await connectNats({ servers: [...servers.urls] });
  });
  afterAll(async () => {
    await direct?.close();
    await servers?.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  });

  const fresh = (): { name: string; folder: (at: string) => string } => {
    names += 1;
    const name = `r${names}`;
    return { name, folder: (at) => join(root, `${name}-${at}`) };
  };

  it("takes a store that is there already, and only that one", async () => {
    const { name, folder } = fresh();
    const plain = async (texts: readonly string[]): Promise<void> => {
      await using broker = createBroker({ store: openLmdbStore({ path: folder("a") }) });
      const { port } = (await broker.listen({ port: 0, host: "127.0.0.1" })) as { port: number };
      const url = `mqtt://127.0.0.1:${port}`;
      const client = await connectAsync(url, { clientId: "sleeper", clean: false });
      await client.subscribeAsync("t", { qos: 1 });
      await client.endAsync();
      const sender = await connectAsync(url);
      for (const text of texts) await sender.publishAsync("t", text, { qos: 1 });
      await sender.endAsync();
    };
    await plain(["one", "two"]);
    {
      await using node = await ReplicatedNode.on(servers, name, folder("a"));
      await node.publish("t", ["three"]);
    }
    {
      await using node = await ReplicatedNode.on(servers, name, folder("b"));
      expect(await node.received("sleeper", 3)).toEqual(["one", "two", "three"]);
    }
    await plain(["nowhere else"]);
    await expect(ReplicatedNode.on(servers, name, folder("a"))).rejects.toThrow(
      /is not the one that the replica r\d+ holds: .*choose another --data-dir/,
    );
  });

  it("copies a store anew whose first copy was cut off", async () => {
    const { name, folder } = fresh();
    {
      await using node = await ReplicatedNode.on(servers, name, folder("a"));
      await node.publish("t", ["one"], true);
    }
    const { streams } = await jetstreamManager(direct);
    await streams.purge(`BL_${name}_HOME`);
    cutOffCopy(folder("a"));
    await expect(ReplicatedNode.on(servers, name, folder("b"))).rejects.toThrow(
      /not hold everything yet/,
    );
    await (await ReplicatedNode.on(servers, name, folder("a"))).broker.close();
    await using node = await ReplicatedNode.on(servers, name, folder("c"));
    expect(node.broker.retained().items).toHaveLength(1);
  });

  it("refuses a stream that is not its own, and one whose entries were lost", async () => {
    const { name, folder } = fresh();
    {
      await using node = await ReplicatedNode.on(servers, name, folder("a"));
      await node.publish("t", ["one"], true);
    }
    const { streams } = await jetstreamManager(direct);
    await streams.delete(`BL_${name}_HOME`);
    await expect(ReplicatedNode.on(servers, name, folder("a"))).rejects.toThrow(
      /was deleted or has lost entries/,
    );
    const other = fresh();
    await streams.add({ name: `BL_${other.name}_HOME`, subjects: ["something"] });
    await expect(ReplicatedNode.on(servers, other.name, other.folder("a"))).rejects.toThrow(
      /is not one that Beeline has made: choose another replica.name/,
    );
  });

  it("begins an empty folder only from a log that has everything", async () => {
    const { name, folder } = fresh();
    {
      await using node = await ReplicatedNode.on(servers, name, folder("a"));
      await node.publish("t", ["one"], true);
      await node.publish("t2", ["two"], true);
    }
    const { streams } = await jetstreamManager(direct);
    await streams.purge(`BL_${name}_HOME`, { seq: 3 });
    for (const _ of ["once", "as a supervisor starts it again"]) {
      await expect(ReplicatedNode.on(servers, name, folder("b"))).rejects.toThrow(
        /does not hold everything yet/,
      );
    }
    await using node = await ReplicatedNode.on(servers, name, folder("a"));
    expect(node.broker.retained().items).toHaveLength(2);
  });
});
