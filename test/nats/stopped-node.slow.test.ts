import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { homeNames } from "../../src/nats/names.js";
import { decodeEntry } from "../../src/replica/log-entry.js";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { CLIENT_ID, patientClient, send, until } from "./adoption-scenario.js";

/** Three processes of the built command over one NATS server, each with a data folder. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))(
  "[M34] [M35] a node that has stood still",
  () => {
    let servers: NatsServers;
    let root: string;
    let nodes: readonly ClusterNodeProcess[];
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "beeline-stopped-"));
      servers = await NatsServers.start(1);
      const ports = await freePorts(3);
      nodes = ["x", "y", "z"].map((name, at) => {
        const extra = ["--data-dir", join(root, name)];
        const main = ClusterNodeProcess.main();
        return new ClusterNodeProcess(name, ports[at] ?? 0, main, servers.urls, extra);
      });
      for (const node of nodes) node.start();
    });
    afterAll(async () => {
      for (const node of nodes ?? []) await node.kill();
      await servers?.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    });

    /** Which runs have written to what is kept of node x, each as often as another one wrote before it. */
    async function runsOfHome(): Promise<string[]> {
      const direct = await connect({ servers: [...servers.urls] });
      const { streams } = await jetstreamManager(direct);
      const { stream } = homeNames("beeline", "x");
      const { first_seq: first, last_seq: last } = (await streams.info(stream)).state;
      const runs: string[] = [];
      for (let seq = first; seq <= last; seq += 1) {
        const entry = await streams.getMessage(stream, { seq });
        if (entry === null) throw new Error(`entry ${seq} is gone`);
        const { run } = decodeEntry(entry.data);
        if (runs.at(-1) !== run) runs.push(run);
      }
      await direct.close();
      return runs;
    }

    it("writes nothing more once another one has taken over what it kept, and ends when it goes on", {
      timeout: 200_000,
    }, async () => {
      const [x, y, z] = nodes as [ClusterNodeProcess, ClusterNodeProcess, ClusterNodeProcess];
      const sleeper = await patientClient(x, CLIENT_ID, false);
      await sleeper.subscribeAsync("t/1", { qos: 2 });
      await sleeper.endAsync();
      const late = await patientClient(x, "late", false);
      const sender = await patientClient(y, "sender", true);
      const acknowledged = await send(sender, 0, 40);
      const lateAcks: string[] = [];
      const publishLate = (from: number, to: number): void => {
        for (let nth = from; nth < to; nth += 1) {
          late.publish(`d/p2p/${CLIENT_ID}`, `late ${nth}`, { qos: 1 }, (error) => {
            if (!error) lateAcks.push(`late ${nth}`);
          });
        }
      };
      const underWay = send(sender, 40, 40);
      publishLate(0, 40);
      x.pause(); // in the middle of that
      publishLate(40, 60); // they lie in its socket, and are read when it goes on
      const others = (): string => [...y.lines, ...z.lines].join("\n");
      await until(() => /sessions of node x are at other nodes/.test(others()));
      expect(others()).toMatch(/sessions of node x are at other nodes/);
      x.resume();
      await until(() => x.unexpectedEnds > 0);
      expect(x.lines.join("\n")).toMatch(
        /has taken over what this one kept|another node has joined the cluster as x/,
      );
      late.end(true);
      acknowledged.push(...(await underWay));
      await (await patientClient(x, "anybody", true)).endAsync(); // it was started again, and serves
      const copies = new Map<string, number>();
      const present: boolean[] = [];
      const waiting = await patientClient(z, CLIENT_ID, false, {}, copies, present);
      const missing = (): string[] =>
        [...acknowledged, ...lateAcks].filter((one) => !copies.has(one));
      await until(() => missing().length === 0);
      await waiting.endAsync();
      await sender.endAsync();
      expect({ present, missing: missing(), ends: nodes.map((one) => one.unexpectedEnds) }).toEqual(
        {
          ...{ present: [true], missing: [], ends: [1, 0, 0] },
        },
      );
      const runs = await runsOfHome();
      expect(runs).toHaveLength(3); // its first start, whoever stood in, its second start: none comes again
    });
  },
);
