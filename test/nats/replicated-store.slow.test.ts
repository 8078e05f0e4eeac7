import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { ReplicatedNode } from "./replicated-node.js";

const isMissing = !canRun(NATS_SERVER, "--version");
let names = 0;

const texts = (count: number, what = "m"): string[] =>
  Array.from({ length: count }, (_, at) => `${what}${at}`);

describe.skipIf(isMissing)("a store that NATS keeps a copy of", () => {
  let servers: NatsServers;
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "beeline-replica-"));
    servers = await NatsServers.start(1);
  });
  afterAll(async () => {
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
      await using first = await ReplicatedNode.on(servers, name, folder("a"));
      const client = await first.client("sleeper");
      await client.subscribeAsync("t/#", { qos: 1 });
      await client.endAsync();
      await first.publish("t/1", texts(200));
      await first.publish("t/kept", ["retained"], true);
      await first.publish("t/big", ["x".repeat(3_000_000)]);
    }
    await using second = await ReplicatedNode.on(servers, name, folder("b"));
    const got = await second.received("sleeper", 202);
    expect(got.slice(0, 200)).toEqual(texts(200));
    expect(got[200]).toBe("retained");
    expect(got[201]).toHaveLength(3_000_000);
    expect(second.broker.retained().items.map(({ topicName }) => topicName)).toEqual(["t/kept"]);
  });

  it("is taken over from a server that lives on, which acknowledges nothing more and says so", async () => {
    const { name, folder } = fresh();
    await using first = await ReplicatedNode.on(servers, name, folder("a"));
    const sleeper = await first.client("sleeper");
    await sleeper.subscribeAsync("t", { qos: 1 });
    await sleeper.endAsync();
    await first.publish("t", texts(10));
    const late = await first.client("late");
    late.on("error", () => undefined);
    await using second = await ReplicatedNode.on(servers, name, folder("b"));
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
      await using node = await ReplicatedNode.on(servers, name, folder(round === 1 ? "b" : "a"));
      if (round === 0) {
        const client = await node.client("sleeper");
        await client.subscribeAsync("t", { qos: 1 });
        await client.endAsync();
      }
      await node.publish("t", texts(20, `${round}-`));
    }
    truncateSync(join(folder("a"), "data.mdb"), 5_000);
    await using node = await ReplicatedNode.on(servers, name, folder("a"));
    expect(await node.received("sleeper", 60)).toEqual(
      [0, 1, 2].flatMap((round) => texts(20, `${round}-`)),
    );
  });
});
