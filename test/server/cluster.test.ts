import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkCluster, clusterFrom, openCluster } from "../../src/server/cluster.js";
import { serverConfigFrom } from "../../src/server/server-config.js";
import { StartError } from "../../src/server/start-error.js";
import { startServer } from "../../src/server/start-server.js";
import { freePorts } from "../support/free-ports.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-cluster-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const servers = ["nats://a", "nats://b", "nats://c"];

describe("clusterFrom", () => {
  it("is none without servers", () => {
    expect(clusterFrom()).toBeUndefined();
    expect(clusterFrom({})).toBeUndefined();
  });

  it("has the name of the host unless told otherwise", () => {
    expect(clusterFrom({ servers })).toEqual({
      ...{ servers, name: "beeline", nodeName: hostname(), onEngineLoss: "close" },
      ...{ credentials: undefined, tls: undefined },
    });
    expect(clusterFrom({ servers, node: "n1", tlsCa: "ca" })).toMatchObject({
      nodeName: "n1",
      tls: { ca: "ca" },
    });
  });

  it.each([
    [{ name: "west" }, "cluster.name says nothing without cluster.servers"],
    [{ servers: [] }, "cluster.servers is empty"],
    [{ servers, tlsCert: "c" }, "cluster.tlsCert and cluster.tlsKey belong together"],
    [{ servers, tlsKey: "k" }, "cluster.tlsCert and cluster.tlsKey belong together"],
  ])("refuses %j", (given, text) => {
    expect(() => clusterFrom(given)).toThrow(text);
  });
});

describe("a node of a cluster", () => {
  it("keeps its state in memory, without being told", () => {
    const config = serverConfigFrom({ cluster: { servers } });
    expect(config.store).toBeUndefined();
    expect(config.cluster?.servers).toEqual(servers);
    expect(
      serverConfigFrom({ cluster: { servers }, store: { memory: true } }).store,
    ).toBeUndefined();
  });

  it.each([{ durability: "fast" as const }, { memory: false }, { memory: true, groupMs: 2 }])(
    "is told that what is about a disk says nothing without a folder: %j",
    (store) => {
      expect(() => serverConfigFrom({ cluster: { servers }, store })).toThrow(
        /^--\S+ says nothing without --data-dir: a node of a cluster keeps its sessions in memory/,
      );
    },
  );

  it("[M34] keeps its sessions in a folder that is named, and has no other replica", () => {
    const store = { dataDir: "data" };
    expect(serverConfigFrom({ cluster: { servers }, store }).store).toMatchObject({
      path: "data",
      durability: "fast",
    });
    expect(() => serverConfigFrom({ cluster: { servers }, store, replica: { servers } })).toThrow(
      "--cluster and --replica contradict each other",
    );
    const both = { cluster: { servers }, store: { ...store, memory: true } };
    expect(() => serverConfigFrom(both)).toThrow("--memory and --data-dir contradict each other");
  });

  it("does not start where NATS does not answer, and says so", async () => {
    const [port] = await freePorts(1);
    const config = clusterFrom({ servers: [`nats://127.0.0.1:${port}`] });
    if (config === undefined) expect.fail("there is a cluster");
    const opening = openCluster(config, {}, 0);
    await expect(opening).rejects.toThrow(/no NATS server answers at nats:\/\/127\.0\.0\.1/);
  });

  it("does not start with credentials that cannot be read", async () => {
    const cluster = clusterFrom({ servers, credentials: join(folder, "none") });
    const starting = startServer({ listeners: [], broker: {}, store: undefined, cluster }, {});
    await expect(starting).rejects.toThrow(StartError);
    await expect(starting).rejects.toThrow(/file of cluster\.credentials cannot be read/);
  });
});

describe("checkCluster", () => {
  const check = (given: Parameters<typeof clusterFrom>[0]) =>
    checkCluster({ cluster: clusterFrom(given) });

  it("has nothing to say of a server that is alone, and of one whose files are there", async () => {
    await expect(check({})).resolves.toEqual([]);
    const credentials = file("right", "node:word");
    await expect(check({ servers, credentials, tlsCa: file("ca", "") })).resolves.toEqual([]);
  });

  it("warns of fewer than three servers", async () => {
    await expect(check({ servers: ["nats://a"] })).resolves.toEqual([
      expect.stringContaining("fewer than three NATS servers"),
    ]);
  });

  it.each([
    [{ tlsCa: "/none/ca.pem" }, /the file of cluster\.tlsCa cannot be read: ENOENT/],
    [{ tlsCert: "/none/c.pem", tlsKey: "/none/k.pem" }, /the file of cluster\.tlsCert cannot be/],
    [{ credentials: "/none/creds" }, /the file of cluster\.credentials cannot be read/],
  ])("finds a file that is missing: %j", async (given, text) => {
    await expect(check({ servers, ...given })).rejects.toThrow(text);
  });

  it("finds a file that signs nobody in", async () => {
    await expect(check({ servers, credentials: file("empty", "") })).rejects.toThrow(
      /holds nothing that signs in to NATS/,
    );
  });
});
