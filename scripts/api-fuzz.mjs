/**
 * `npm run api-fuzz`: schemathesis (a Python program: `pip install schemathesis`) asks a server of its
 * own for five minutes whatever `docs/openapi.json` allows and forbids. It fails on a 5xx, and on every
 * answer that the document does not declare. `-- --seconds N`, `-- --schemathesis PATH`.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectAsync } from "mqtt";
import { fail, prepare, root } from "./prepare.mjs";

const { seconds = "300", schemathesis = "schemathesis" } = flagsOf(process.argv.slice(2));
if (spawnSync(schemathesis, ["--version"]).error !== undefined) {
  fail(`${schemathesis} is not there: python3 -m venv V && V/bin/pip install schemathesis,
then npm run api-fuzz -- --schemathesis V/bin/schemathesis`);
}
prepare({ devDependencies: true });

const TOKEN = "a-token-for-one-run-of-schemathesis";
const folder = mkdtempSync(join(tmpdir(), "beeline-api-fuzz-"));
const [port, adminPort] = [await freePort(), await freePort()];
writeFileSync(join(folder, "token"), TOKEN);
const server = spawn(
  process.execPath,
  [
    ...[join(root, "dist", "cli", "main.js"), "start", "--port", `${port}`, "--log-level", "warn"],
    ...["--admin-port", `${adminPort}`, "--admin-token-file", join(folder, "token")],
    ...["--data-dir", join(folder, "data"), "--admin-work-percent-max", "100"],
  ],
  { stdio: ["ignore", "pipe", "inherit"], cwd: folder },
);
process.on("exit", () => {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
await new Promise((resolve) => server.stdout.once("data", resolve));
server.stdout.resume();

// What the examples of the document name is there; who is kicked comes back.
const url = `mqtt://127.0.0.1:${port}`;
const lamp = await connectAsync(url, { clientId: "lamp", clean: false, reconnectPeriod: 100 });
lamp.on("error", () => undefined);
await lamp.subscribeAsync("home/#", { qos: 1 });
await lamp.publishAsync("home/lamp", "on", { qos: 1, retain: true });

// Wrong tokens, too: they do not keep out the right one. Streams do not end, so they are left out.
const { status } = spawnSync(
  schemathesis.includes("/") ? resolve(schemathesis) : schemathesis,
  [
    ...["run", join(root, "docs", "openapi.json"), "--no-color", "--continue-on-failure"],
    ...["--url", `http://127.0.0.1:${adminPort}/api/v1`, "--request-timeout", "20"],
    ...["--header", `Authorization: Bearer ${TOKEN}`, "--max-time", seconds],
    ...["--exclude-tag", "streams"],
  ],
  { cwd: folder, stdio: "inherit" }, // where it leaves what it remembers
);
const health = await fetch(`http://127.0.0.1:${adminPort}/healthz`);
console.log(`the server is ${health.ok ? "well" : "not well"} after it`);
await lamp.endAsync(true);
process.exit(status === 0 && health.ok ? 0 : 1);

function flagsOf(args) {
  const flags = {};
  for (let at = 0; at < args.length; at += 2) flags[args[at].replace(/^--/, "")] = args[at + 1];
  return flags;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
