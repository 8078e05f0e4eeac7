import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/options/check.js";
import { CLUSTER_ROWS } from "../../src/server/cluster-rows.js";
import { OPTIONS } from "../../src/server/option-table.js";

describe("the options of a cluster", () => {
  it("make no cluster by default", () => {
    expect(defaultsOf(CLUSTER_ROWS)).toEqual({ name: "beeline", onEngineLoss: "close" });
  });

  it("begin with --cluster, and stand under cluster", () => {
    const names = OPTIONS.filter(({ group }) => group === "cluster").map(({ flag }) => flag);
    expect(names).toEqual([
      ...["--cluster", "--cluster-name", "--cluster-node", "--cluster-credentials"],
      ...["--cluster-tls-ca", "--cluster-tls-cert", "--cluster-tls-key"],
      "--cluster-on-engine-loss",
    ]);
    const [servers] = OPTIONS.filter(({ path }) => path === "cluster.servers");
    expect(servers?.variable).toBe("BEELINE_CLUSTER__SERVERS");
  });

  it("take no password where everybody on the machine can read it", () => {
    expect(CLUSTER_ROWS.servers.isAllowed("nats://a:4222")).toBe(true);
    expect(CLUSTER_ROWS.servers.isAllowed("nats://user:word@a:4222")).toBe(false);
  });

  it("have names that NATS and people can read", () => {
    expect(["", "n", "x".repeat(64), "x".repeat(65)].map(CLUSTER_ROWS.node.isAllowed)).toEqual([
      ...[false, true, true, false],
    ]);
    expect(["a", "", "a.b"].map(CLUSTER_ROWS.name.isAllowed)).toEqual([true, false, false]);
    expect(["ca.pem", "", "a\0"].map(CLUSTER_ROWS.tlsCa.isAllowed)).toEqual([true, false, false]);
  });
});
