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
import { createBroker } from "../../src/library/mqtt-broker.js";
import { KNOWLEDGE, policyOfTheSuite } from "../support/conformance/over-links.js";
import { TRANSPORTS } from "../support/transports.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The whole run, timing included, has to be over by then. */
const RUN_MAX_MS = 180_000;

/** The longest a built server may take to say where it listens. */
const START_MAX_MS = 20_000;

describe.each(TRANSPORTS)("the built server over TCP by %s, durable as by default", (transport) => {
  const sections = withCases((needs) => needs.length === 0);
  const results = new Map<string, CaseResult>();
  const folder = mkdtempSync(join(tmpdir(), "beeline-conformance-"));
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    const started = await startServer(folder, transport);
    server = started.server;
    for (const result of await run(sections, started.port, {})) {
      results.set(fullTitle(result.case), result);
    }
  }, RUN_MAX_MS);

  afterAll(async () => {
    if (server === undefined) return; // it did not start
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  each(sections, results);

  it("is still alive after all that", () => {
    expect(server?.exitCode).toBe(null);
  });
});

describe.each(TRANSPORTS)(
  "the library over TCP by %s, with a policy and every identifier in flight",
  (transport) => {
    const sections = withCases((needs) => needs.length > 0);
    const results = new Map<string, CaseResult>();
    const broker = createBroker({
      ...policyOfTheSuite(),
      limits: { inFlightMax: 65_535, queueMessagesMax: 65_535 },
    });

    beforeAll(async () => {
      const { port } = await broker.listen({ port: 0, transport });
      for (const result of await run(sections, port, { ...KNOWLEDGE, window: 65_535 })) {
        results.set(fullTitle(result.case), result);
      }
    }, RUN_MAX_MS);

    afterAll(() => broker.close());

    each(sections, results);
  },
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

/** Builds what is stale and starts `beeline start` on a free port. */
async function startServer(
  folder: string,
  transport: string,
): Promise<{ server: ChildProcess; port: number }> {
  const build =
    'import("./scripts/prepare.mjs").then((it) => it.prepare({ devDependencies: true }))';
  const built = spawnSync(process.execPath, ["-e", build], { cwd: root, encoding: "utf8" });
  expect(built.status, built.stderr).toBe(0);
  const args = ["dist/cli/main.js", "start", "--host", "127.0.0.1", "--port", "0"];
  args.push("--data-dir", folder, "--topic-bytes-max", "65535", "--transport", transport);
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
