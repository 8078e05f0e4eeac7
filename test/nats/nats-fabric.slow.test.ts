import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, nkeys } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NatsFabric, openNatsFabric } from "../../src/nats/nats-fabric.js";
import type { NatsOptions } from "../../src/nats/options.js";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";
import { bytesOf, textOf } from "./fake-nats.js";

const isMissing = !canRun(NATS_SERVER, "--version");
let names = 0;

/** Everything that one node is told. */
class Node {
  readonly name: string;
  readonly entries: string[] = [];
  readonly inbox: string[] = [];
  readonly kept: (readonly [number: number, sequence: number | undefined])[] = [];
  readonly retained: string[] = [];
  readonly lost: string[] = [];
  sequence = 0;
  readonly fabric: NatsFabric;

  constructor(fabric: NatsFabric) {
    names += 1;
    this.name = names.toString(16).padStart(16, "0");
    this.fabric = fabric;
    fabric.open(this.name, {
      ordered: (sequence, bytes) => {
        if (this.sequence !== 0) expect(sequence).toBe(this.sequence + 1);
        this.sequence = sequence;
        this.entries.push(textOf(bytes));
      },
      arrived: (bytes) => void this.inbox.push(textOf(bytes)),
      kept: (number, sequence) => void this.kept.push([number, sequence]),
      retained: (sequence, bytes) => void this.retained.push(`${sequence} ${textOf(bytes)}`),
      retainedBegin: () => void this.retained.push("begin"),
      retainedEnd: () => void this.retained.push("end"),
      lost: ({ message }) => void this.lost.push(message),
    });
  }

  static async on(servers: NatsServers, options: Partial<NatsOptions> = {}): Promise<Node> {
    return new Node(await openNatsFabric({ name: "test", servers: servers.urls, ...options }));
  }

  append(text: string): Promise<boolean> {
    return new Promise((resolve) => this.fabric.append(bytesOf(text), resolve));
  }

  /** As the cluster does it: again and again, until it is known to be in the log. */
  async surely(text: string): Promise<void> {
    while (!(await this.append(text)));
  }
}

/** Looks again and again: how long it takes depends on the machine. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 40_000;
  while (!isSo()) {
    if (performance.now() > end) expect.fail(`in vain: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const unique = (entries: readonly string[]) => [...new Set(entries)];

describe.skipIf(isMissing)("the Fabric over one NATS server", () => {
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

  it("shows entries of all nodes to all nodes, in one order, the own ones too", async () => {
    const [a, b] = [await Node.on(servers), await Node.on(servers)];
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => [a.append(`a${at}`), b.append(`b${at}`)]).flat(),
    );
    await until(() => a.entries.length === 100 && b.entries.length === 100);
    expect(a.entries).toEqual(b.entries);
    expect(a.entries.filter((entry) => entry.startsWith("a"))).toEqual(
      Array.from({ length: 50 }, (_, at) => `a${at}`),
    );
    expect(a.fabric.state).toMatchObject({ isConnected: true, appended: 50, entriesRead: 100 });
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it("brings what is sent to an inbox, and nothing to anybody else", async () => {
    const [a, b] = [await Node.on(servers), await Node.on(servers)];
    await a.surely("heard"); // by then the inbox is known
    a.fabric.send(b.name, bytesOf("to b"));
    b.fabric.send(b.name, bytesOf("to itself"));
    a.fabric.send("f".repeat(16), bytesOf("to nobody"));
    await until(() => b.inbox.length === 2);
    expect(a.inbox).toEqual([]);
    expect(a.fabric.state.sentMessages).toBe(2);
    expect(b.fabric.state.receivedBytes).toBe(13);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it("may be opened again under another name: the old inbox ends", async () => {
    const [a, b] = [await Node.on(servers), await Node.on(servers)];
    await a.surely("x");
    const again = new Node(b.fabric);
    const before = b.entries.length;
    await again.surely("y");
    await until(() => again.entries.includes("y"));
    a.fabric.send(b.name, bytesOf("old"));
    a.fabric.send(again.name, bytesOf("new"));
    await until(() => again.inbox.length === 1);
    expect(again.inbox).toEqual(["new"]);
    expect(b.inbox).toEqual([]);
    expect(b.entries.length).toBe(before);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it("[L03] leaves out what others publish on its subjects, and says so once", async () => {
    const lines: string[] = [];
    const logger = { warn: (line: string) => void lines.push(line) };
    const a = await Node.on(servers, { logger });
    await a.surely("ours");
    for (let times = 0; times < 3; times += 1) direct.publish("bl.test.ordered", "not ours");
    await direct.flush();
    await a.surely("ours as well");
    await until(() => a.entries.includes("ours as well"));
    expect(a.entries).not.toContain("not ours");
    expect(a.fabric.state.foreign).toBe(3);
    expect(lines.filter((line) => line.includes("is no node of this cluster"))).toHaveLength(1);
    await a.fabric.close();
  });

  it("tells that the log was deleted: no node can go on with another one", async () => {
    const options = { name: "deleted" };
    const a = await Node.on(servers, options);
    await a.surely("x");
    await until(() => a.entries.length === 1);
    const manager = await jetstreamManager(direct);
    await manager.streams.delete("BL_deleted_ORDER");
    const b = await Node.on(servers, options);
    await b.surely("y");
    await until(() => a.lost.length === 1);
    expect(a.lost[0]).toMatch(/BL_deleted_ORDER was deleted in NATS/);
    expect(a.entries).toEqual(["x"]);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });

  it("refuses a log of a newer version, and a stream of somebody else", async () => {
    const manager = await jetstreamManager(direct);
    await manager.streams.add({ name: "BL_other_ORDER", subjects: ["other.>"] });
    await expect(Node.on(servers, { name: "other" })).rejects.toThrow(
      /not one that Beeline has made/,
    );
    await manager.streams.add({ name: "taken", subjects: ["bl.taken.>"] });
    await expect(Node.on(servers, { name: "taken" })).rejects.toThrow(
      /another stream in NATS takes the subject bl\.taken\.order/,
    );
    await manager.streams.add({
      name: "BL_newer_ORDER",
      description: "Beeline order log, format 9",
      subjects: ["bl.newer.order"],
    });
    await expect(Node.on(servers, { name: "newer" })).rejects.toThrow(
      /uses a newer version of Beeline .* has format 9/,
    );
  });

  it("goes on after kill -9 of the server: nothing that was stored is lost", async () => {
    const name = { name: "killed" };
    const [a, b] = [await Node.on(servers, name), await Node.on(servers, name)];
    for (let at = 0; at < 20; at += 1) await a.surely(`before ${at}`);
    await servers.kill(0);
    expect(await a.append("while it is gone")).toBe(false);
    await servers.restart(0);
    for (let at = 0; at < 20; at += 1) await a.surely(`after ${at}`);
    await until(() => b.entries.at(-1) === "after 19" && a.entries.at(-1) === "after 19");
    expect(a.entries).toEqual(b.entries);
    expect(unique(b.entries).filter((entry) => /^(before|after) /.test(entry))).toHaveLength(40);
    expect(b.fabric.state.reconnects).toBe(1);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });
});

describe.skipIf(isMissing)("who may use NATS", () => {
  const folder = mkdtempSync(join(tmpdir(), "beeline-nats-users-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const written = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("signs in by password and by nkey, and says what is wrong otherwise", async () => {
    const user = nkeys.createUser();
    await using servers = await NatsServers.start(1, {
      lines: [
        "authorization { users: [",
        '  { user: node, password: "pass:word" }',
        `  { nkey: ${user.getPublicKey()} }`,
        '  { user: reader, password: reads, permissions: { subscribe: ">", publish: "$JS.API.>" } }',
        '  { user: deaf, password: hears, permissions: { subscribe: "_INBOX.>", publish: ">" } }',
        "] }",
      ],
    });
    const seed = new TextDecoder().decode(user.getSeed());
    for (const text of ["node:pass:word", seed]) {
      const node = await Node.on(servers, { credentials: written("right", text) });
      await node.surely("x");
      await node.fabric.close();
    }
    const wrong = Node.on(servers, { credentials: written("wrong", "node:other") });
    await expect(wrong).rejects.toThrow(
      /refuses to let this node in \(.*Authorization Violation.*\): give the file with its user/,
    );
    await expect(Node.on(servers)).rejects.toThrow(/refuses to let this node in/);
    const deaf = Node.on(servers, { credentials: written("deaf", "deaf:hears") });
    await expect(deaf).rejects.toThrow(
      /does not allow this node what a cluster needs: .* subscribe bl\.>/,
    );
  });

  it("says that JetStream is off", async () => {
    await using servers = await NatsServers.start(1, { jetStream: false });
    await expect(Node.on(servers, { startMs: 300 })).rejects.toThrow(/start nats-server with -js/);
  });

  describe("by TLS", () => {
    let ca: TestCa;
    let pair: CertificatePair;
    let servers: NatsServers;
    beforeAll(async () => {
      ca = new TestCa();
      pair = ca.issue();
      servers = await NatsServers.start(1, {
        lines: [
          `tls { cert_file: "${pair.cert}", key_file: "${pair.key}", ca_file: "${ca.cert}", verify: true }`,
        ],
      });
    });
    afterAll(async () => {
      await servers?.stop();
      ca?.remove();
    });

    it("connects with a certificate of its own, to one that it can check", async () => {
      const node = await Node.on(servers, { tls: { ca: ca.cert, ...pair } });
      await node.surely("x");
      await until(() => node.entries.includes("x"));
      await node.fabric.close();
    });

    it("says that the authority is unknown, that a certificate is wanted, that a file is missing", async () => {
      await expect(Node.on(servers, { startMs: 0 })).rejects.toThrow(
        /name its file as cluster\.tlsCa/,
      );
      await expect(
        Node.on(servers, { startMs: 0, tls: { ca: join(folder, "none.pem") } }),
      ).rejects.toThrow(/a file of cluster\.tlsCa.*none\.pem doesn't exist/);
      await expect(Node.on(servers, { startMs: 0, tls: { ca: ca.cert } })).rejects.toThrow(
        /refuses the certificate of this node, or wants one|NATS may want a certificate of this node/,
      );
    });

    it("never goes on without TLS where TLS is wanted", async () => {
      await using plain = await NatsServers.start(1);
      const [url = ""] = plain.urls;
      const node = openNatsFabric({
        name: "test",
        servers: [url.replace("nats:", "tls:")],
        startMs: 0,
      });
      await expect(node).rejects.toThrow(/does not speak TLS/);
    });
  });
});

describe.skipIf(isMissing)("the Fabric over three NATS servers", () => {
  let servers: NatsServers;
  beforeAll(async () => {
    servers = await NatsServers.start(3);
  });
  afterAll(() => servers?.stop());

  /** Which server leads the stream. */
  async function leader(): Promise<number> {
    const direct = await connect({ servers: [...servers.urls] });
    try {
      const manager = await jetstreamManager(direct, { checkAPI: false });
      const { cluster } = await manager.streams.info("BL_test_ORDER");
      return Number(cluster?.leader?.replace("nats-", ""));
    } finally {
      await direct.close();
    }
  }

  it.each([
    ["killed", (at: number) => servers.kill(at), (at: number) => servers.restart(at)],
    [
      "stopped, and continued",
      (at: number) => servers.pause(at),
      (at: number) => servers.resume(at),
    ],
  ])("loses nothing when the leader of the log is %s", async (what, hurt, heal) => {
    const [a, b] = [await Node.on(servers), await Node.on(servers)];
    const entry = (at: number) => `${what} ${at}`;
    for (let at = 0; at < 20; at += 1) await a.surely(entry(at));
    const led = await leader();
    await hurt(led);
    for (let at = 20; at < 40; at += 1) await a.surely(entry(at));
    await heal(led);
    for (let at = 40; at < 60; at += 1) await b.surely(entry(at));
    await until(() => a.entries.at(-1) === entry(59) && b.entries.at(-1) === entry(59));
    expect(a.entries.slice(-60)).toEqual(b.entries.slice(-60));
    const ours = unique(a.entries).filter((text) => text.startsWith(what));
    expect(ours).toHaveLength(60);
    expect([...a.lost, ...b.lost]).toEqual([]);
    await Promise.all([a.fabric.close(), b.fabric.close()]);
  });
});
