import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), "beeline-loaded-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asModule = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
const list = join(folder, "list");
/** Writes down every module that is imported. Runs in a thread of its own. */
const HOOKS = asModule(`
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    appendFileSync(${JSON.stringify(list)}, url + "\\n");
    return next(url, context);
  }`);
/** The same at the end for what was required. */
const WATCH = asModule(`
  import { appendFileSync } from "node:fs";
  import { createRequire, register } from "node:module";
  register(${JSON.stringify(HOOKS)});
  const { cache } = createRequire(${JSON.stringify(join(root, "package.json"))});
  process.on("exit", () => appendFileSync(${JSON.stringify(list)}, Object.keys(cache).join("\\n")));`);

/** Starts the command, stops it when it listens, and says which packages it has loaded. */
async function loadedBy(...flags: readonly string[]): Promise<Set<string>> {
  rmSync(list, { force: true });
  const command = ["dist/cli/main.js", "start", "--port", "0", ...flags];
  const server = spawn(process.execPath, ["--import", WATCH, ...command], { cwd: root });
  let said = "";
  const hear = (bytes: Buffer): void => {
    said += bytes;
    // Behind these lines nothing more is started.
    if (said.includes("listening on mqtt://") && !server.killed) server.kill();
  };
  server.stdout.on("data", hear);
  server.stderr.on("data", hear);
  const code = await new Promise((resolve) => server.once("close", resolve));
  expect([code, said]).toEqual([0, expect.stringContaining("listening on mqtt://")]);
  const packages = readFileSync(list, "utf8").matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/\n]+)\//g);
  return new Set(Array.from(packages, ([, name]) => name as string)); // the pattern has it
}

/** What only an option needs. */
const OPTIONAL = [
  ...["hono", "@hono/node-server", "@hono/zod-openapi", "zod", "prom-client", "ws", "yaml", "jose"],
  ...["lmdb", "@node-rs/argon2", "@nats-io/transport-node", "@nats-io/jetstream"],
  ...["@grpc/grpc-js", "preact", "uplot"],
];

describe("the command loads what its options need, and no more", () => {
  it("for a broker in memory alone", async () => {
    const loaded = await loadedBy("--memory", "--no-admin");
    expect(OPTIONAL.filter((name) => loaded.has(name))).toEqual([]);
    expect(loaded).toContain("commander"); // it is looked at
    expect(loaded).toContain("koffi"); // and what is required, too
  });

  it("nothing more for Node's sockets, and less without the kernel's", async () => {
    const loaded = await loadedBy("--memory", "--no-admin", "--transport", "net");
    expect([...OPTIONAL, "koffi"].filter((name) => loaded.has(name))).toEqual([]);
  });

  it("LMDB for a data folder, and HTTP and metrics for the admin listener", async () => {
    const loaded = await loadedBy("--data-dir", join(folder, "data"), "--admin-port", "0");
    for (const name of ["lmdb", "hono", "zod", "prom-client"]) expect(loaded).toContain(name);
    for (const name of ["yaml", "jose", "@nats-io/transport-node"]) {
      expect(loaded).not.toContain(name);
    }
  });
});
