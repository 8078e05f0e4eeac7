import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fullTitle, type Section } from "../../packages/conformance/src/case.js";
import type { Knowledge } from "../../packages/conformance/src/lab.js";
import { type CaseResult, runSections } from "../../packages/conformance/src/runner.js";
import { SECTIONS } from "../../packages/conformance/src/sections.js";
import { TcpTarget } from "../../packages/conformance/src/tcp-target.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { KNOWLEDGE, policyOfTheSuite } from "../support/conformance/over-links.js";
import { TRANSPORTS } from "../support/transports.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The whole run, timing included, has to be over by then. */
const RUN_MAX_MS = 360_000;

/** The longest a built server may take to say where it listens. */
const START_MAX_MS = 20_000;

/** A broker by one transport, how to run its cases, and what came of them. */
interface Subject {
  readonly transport: string;
  readonly sections: readonly Section[];
  readonly results: Map<string, CaseResult>;
  run(): Promise<readonly CaseResult[]>;
}

const folder = mkdtempSync(join(tmpdir(), "beeline-conformance-"));
const servers: ChildProcess[] = [];
const built: readonly Subject[] = TRANSPORTS.map((transport) => {
  const sections = withCases((needs) => needs.length === 0);
  const start = async () => {
    const { server, port } = await startServer(join(folder, transport), transport);
    servers.push(server);
    return run(sections, port, {});
  };
  return { transport, sections, results: new Map(), run: start };
});

const brokers: MqttBroker[] = [];
const library: readonly Subject[] = TRANSPORTS.map((transport) => {
  const sections = withCases((needs) => needs.length > 0);
  const start = async () => {
    const broker = createBroker({
      ...policyOfTheSuite(),
      limits: { inFlightMax: 65_535, queueMessagesMax: 65_535 },
    });
    brokers.push(broker);
    const { port } = await broker.listen({ port: 0, transport });
    return run(sections, port, { ...KNOWLEDGE, window: 65_535 });
  };
  return { transport, sections, results: new Map(), run: start };
});

// Two at a time, as they wait for time limits at their ends.
beforeAll(async () => {
  prepared();
  for (const subjects of [built, library]) {
    await Promise.all(
      subjects.map(async ({ results, run }) => {
        for (const result of await run()) results.set(fullTitle(result.case), result);
      }),
    );
  }
}, RUN_MAX_MS);

afterAll(async () => {
  for (const server of servers) {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(brokers.map((broker) => broker.close()));
});

describe.each(built)("the built server over TCP by $transport, durable as by default", (one) => {
  each(one.sections, one.results);
});

it("the built servers are still alive after all that", () => {
  expect(servers.map(({ exitCode }) => exitCode)).toEqual(TRANSPORTS.map(() => null));
});

describe.each(library)(
  "the library over TCP by $transport, with a policy and every identifier in flight",
  (one) => each(one.sections, one.results),
);

function withCases(wanted: (needs: readonly string[]) => boolean): Section[] {
  return SECTIONS.map((section) => ({
    ...section,
    cases: section.cases.filter(({ needs = [] }) => wanted(needs)),
  }));
}

function run(sections: readonly Section[], port: number, knowledge: Knowledge) {
  const target = new TcpTarget({ host: "127.0.0.1", port, patienceMs: 15_000 });
  return runSections(target, sections, { knowledge });
}

/** One test for each case; the cases themselves have run side by side. */
function each(sections: readonly Section[], results: ReadonlyMap<string, CaseResult>): void {
  for (const one of sections.flatMap(({ cases }) => cases)) {
    it(fullTitle(one), () => {
      const { outcome, detail } = results.get(fullTitle(one)) ?? { outcome: "did not run" };
      expect(`${outcome} ${detail ?? ""}`.trim()).toBe("pass");
    });
  }
}

/** Builds what is stale. */
function prepared(): void {
  const build =
    'import("./scripts/prepare.mjs").then((it) => it.prepare({ devDependencies: true }))';
  const made = spawnSync(process.execPath, ["-e", build], { cwd: root, encoding: "utf8" });
  expect(made.status, made.stderr).toBe(0);
}

/** Starts `beeline start` on a free port. */
async function startServer(
  dataDir: string,
  transport: string,
): Promise<{ server: ChildProcess; port: number }> {
  const args = ["dist/cli/main.js", "start", "--host", "127.0.0.1", "--port", "0"];
  args.push("--data-dir", dataDir, "--topic-bytes-max", "65535", "--transport", transport);
  const server = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const deadline = setTimeout(() => server.kill(), START_MAX_MS);
  let said = "";
  server.stdout.setEncoding("utf8");
  const port = await new Promise<number>((resolve, reject) => {
    server.once("exit", () => reject(new Error(`the server did not start: ${said}`)));
    server.stdout.on("data", (text: string) => {
      said += text;
      const found = /listening on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  clearTimeout(deadline);
  return { server, port };
}
