import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats, type NatsConnection } from "@nats-io/transport-node";
import { connect, connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { openReplicatedStore } from "../../src/nats/replicated-store.js";
import { openLmdbStore } from "../../src/store/index.js";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";

const isMissing = !canRun(NATS_SERVER, "--version");
let names = 0;

/** One broker over a replicated store, and what its store has said. */
class Node implements AsyncDisposable {
  readonly broker: MqttBroker;
  readonly fenced: Promise<Error>;
  readonly #url: string;

  private constructor(broker: MqttBroker, fenced: Promise<Error>, url: string) {
    this.broker = broker;
    this.fenced = fenced;
    this.#url = url;
  }

  static async on(servers: NatsServers, name: string, path: string): Promise<Node> {
    let onFenced: (reason: Error) => void = () => undefined;
    const fenced = new Promise<Error>((resolve) => {
      onFenced = resolve;
    });
    const replica = { name, servers: servers.urls };
    const store = await openReplicatedStore({ path, replica, onFenced });
    const broker = createBroker({ store });
    const { port } = (await broker.listen({ port: 0, host: "127.0.0.1" })) as { port: number };
    return new Node(broker, fenced, `mqtt://127.0.0.1:${port}`);
  }

  /** A client with a Session that stays. */
  client(clientId: string): ReturnType<typeof connectAsync> {
    return connectAsync(this.#url, { clientId, clean: false, reconnectPeriod: 0 });
  }

  async publish(topic: string, texts: readonly string[], retain = false): Promise<void> {
    const sender = await connectAsync(this.#url, { reconnectPeriod: 0 });
    await Promise.all(texts.map((text) => sender.publishAsync(topic, text, { qos: 1, retain })));
    await sender.endAsync();
  }

  /** What waits for a client, in order. */
  async received(clientId: string, count: number): Promise<string[]> {
    const texts: string[] = [];
    const client = connect(this.#url, { clientId, clean: false, reconnectPeriod: 0 });
    client.on("message", (_, payload) => void texts.push(String(payload)));
    const end = performance.now() + 20_000;
    while (texts.length < count && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await client.endAsync();
    return texts;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.broker.close();
  }
}

const texts = (count: number, what = "m"): string[] =>
  Array.from({ length: count }, (_, at) => `${what}${at}`);

describe.skipIf(isMissing)("a store that NATS keeps a copy of", () => {
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

  it("is made anew on another machine, with everything that was acknowledged", async () => {
    const { name, folder } = fresh();
    {
      await using first = await Node.on(servers, name, folder("a"));
      const client = await first.client("sleeper");
      await client.subscribeAsync("t/#", { qos: 1 });
      await client.endAsync();
      await first.publish("t/1", texts(200));
      await first.publish("t/kept", ["retained"], true);
      await first.publish("t/big", ["x".repeat(3_000_000)]);
    }
    await using second = await Node.on(servers, name, folder("b"));
    const got = await second.received("sleeper", 202);
    expect(got.slice(0, 200)).toEqual(texts(200));
    expect(got[200]).toBe("retained");
    expect(got[201]).toHaveLength(3_000_000);
    expect(second.broker.retained().items.map(({ topicName }) => topicName)).toEqual(["t/kept"]);
  });

  it("is taken over from a server that lives on, which acknowledges nothing more and says so", async () => {
    const { name, folder } = fresh();
    await using first = await Node.on(servers, name, folder("a"));
    const sleeper = await first.client("sleeper");
    await sleeper.subscribeAsync("t", { qos: 1 });
    await sleeper.endAsync();
    await first.publish("t", texts(10));
    const late = await first.client("late");
    late.on("error", () => undefined);
    await using second = await Node.on(servers, name, folder("b"));
    expect((await first.fenced).message).toMatch(
      /another server \(.+, process \d+\) has taken over/,
    );
    let isAcknowledged = false;
    const sent = late.publishAsync("t", "too late", { qos: 1 }).then(
      () => {
        isAcknowledged = true;
      },
      () => undefined,
    );
    expect(await second.received("sleeper", 10)).toEqual(texts(10));
    await late.endAsync(true);
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 200))]);
    expect(isAcknowledged).toBe(false);
  });

  it("reads on where the folder was left, and makes a damaged folder anew", async () => {
    const { name, folder } = fresh();
    for (const round of [0, 1, 2]) {
      await using node = await Node.on(servers, name, folder(round === 1 ? "b" : "a"));
      if (round === 0) {
        const client = await node.client("sleeper");
        await client.subscribeAsync("t", { qos: 1 });
        await client.endAsync();
      }
      await node.publish("t", texts(20, `${round}-`));
    }
    truncateSync(join(folder("a"), "data.mdb"), 5_000);
    await using node = await Node.on(servers, name, folder("a"));
    expect(await node.received("sleeper", 60)).toEqual(
      [0, 1, 2].flatMap((round) => texts(20, `${round}-`)),
    );
  });

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
      await using node = await Node.on(servers, name, folder("a"));
      await node.publish("t", ["three"]);
    }
    {
      await using node = await Node.on(servers, name, folder("b"));
      expect(await node.received("sleeper", 3)).toEqual(["one", "two", "three"]);
    }
    await plain(["nowhere else"]);
    await expect(Node.on(servers, name, folder("a"))).rejects.toThrow(
      /is not the one that the replica r\d+ holds: .*choose another --data-dir/,
    );
  });

  it("refuses a stream that is not its own, and one whose entries were lost", async () => {
    const { name, folder } = fresh();
    {
      await using node = await Node.on(servers, name, folder("a"));
      await node.publish("t", ["one"], true);
    }
    const { streams } = await jetstreamManager(direct);
    await streams.delete(`BL_${name}_HOME`);
    await expect(Node.on(servers, name, folder("a"))).rejects.toThrow(
      /was deleted or has lost entries/,
    );
    const other = fresh();
    await streams.add({ name: `BL_${other.name}_HOME`, subjects: ["something"] });
    await expect(Node.on(servers, other.name, other.folder("a"))).rejects.toThrow(
      /is not one that Beeline has made: choose another replica.name/,
    );
  });

  it("begins an empty folder only from a log that has everything", async () => {
    const { name, folder } = fresh();
    {
      await using node = await Node.on(servers, name, folder("a"));
      await node.publish("t", ["one"], true);
      await node.publish("t2", ["two"], true);
    }
    const { streams } = await jetstreamManager(direct);
    await streams.purge(`BL_${name}_HOME`, { seq: 3 });
    await expect(Node.on(servers, name, folder("b"))).rejects.toThrow(
      /does not hold everything yet/,
    );
    await using node = await Node.on(servers, name, folder("a"));
    expect(node.broker.retained().items).toHaveLength(2);
  });
});
