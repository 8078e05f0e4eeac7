import { describe, expect, it } from "vitest";
import { OPTIONS } from "../../src/server/option-table.js";
import { checkReplica, replicaFrom } from "../../src/server/replica.js";
import { serverConfigFrom } from "../../src/server/server-config.js";

const servers = ["nats://127.0.0.1:4222"];

describe("the options of a replica", () => {
  it("are none by default, and begin with --replica", () => {
    expect(replicaFrom()).toBeUndefined();
    expect(OPTIONS.filter(({ group }) => group === "replica").map(({ flag }) => flag)).toEqual([
      ...["--replica", "--replica-name", "--replica-credentials"],
      ...["--replica-tls-ca", "--replica-tls-cert", "--replica-tls-key"],
    ]);
  });

  it("say what is missing", () => {
    expect(() => replicaFrom({ name: "a" })).toThrow(
      "replica.name says nothing without replica.servers: name the NATS servers with --replica",
    );
    expect(() => replicaFrom({ servers: [] })).toThrow("replica.servers is empty");
    expect(() => replicaFrom({ servers, tlsKey: "k" })).toThrow("give both or neither");
  });

  it("let the log of others be the one that is safe from power cuts", () => {
    expect(serverConfigFrom({ replica: { servers } }).store?.durability).toBe("fast");
    expect(
      serverConfigFrom({ replica: { servers }, store: { durability: "sync" } }).store?.durability,
    ).toBe("sync");
    expect(serverConfigFrom({}).store?.durability).toBe("sync");
  });

  it("contradict memory and a cluster", () => {
    expect(() => serverConfigFrom({ replica: { servers }, store: { memory: true } })).toThrow(
      "--replica and --memory contradict each other: a replica is a copy of what is on disk",
    );
    expect(() => serverConfigFrom({ replica: { servers }, cluster: { servers } })).toThrow(
      "--cluster and --replica contradict each other",
    );
  });

  it("are looked at by beeline check", async () => {
    const { replica } = serverConfigFrom({ replica: { servers } });
    expect(await checkReplica({ replica })).toEqual([
      "replica.servers names fewer than three NATS servers: only three or more survive the loss of one",
    ]);
    expect(await checkReplica({})).toEqual([]);
    await expect(
      checkReplica(serverConfigFrom({ replica: { servers, tlsCa: "/nowhere/ca.pem" } })),
    ).rejects.toThrow(/the file of replica.tlsCa cannot be read/);
  });
});
