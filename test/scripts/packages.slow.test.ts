import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RawClient } from "../net/raw-client.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const TIME_LIMIT_MS = 300_000;

/** Runs a program in a folder and returns what it printed; fails with that when it fails. */
function run(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  expect({ status, output: status === 0 ? "" : stdout + stderr }).toEqual({
    status: 0,
    output: "",
  });
  return stdout;
}

describe("the tarballs of npm pack", { timeout: TIME_LIMIT_MS }, () => {
  let folder = "";
  const tarball = (name: string): string => {
    const found = readdirSync(folder).filter((file) => new RegExp(`^${name}-\\d.*tgz$`).test(file));
    expect(found).toHaveLength(1);
    return join(folder, found[0] as string); // one, as the line above says
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "beeline-pack-"));
    const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
    run(
      root,
      "npm",
      ...pack,
      ".",
      "./packages/bench",
      "./packages/conformance",
      "./packages/mqtt-packet",
    );
  }, TIME_LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["beeline-bench", ["--help"], /^beeline-bench SCENARIO/],
    ["beeline-conformance", ["--list"], /\[MQTT-3\.12\.4-1\]/],
  ])("%s runs alone by npx, and needs no registry", (name, args, output) => {
    const flags = ["--yes", "--offline", `--package=${tarball(name)}`];
    expect(run(folder, "npx", ...flags, name, ...args)).toMatch(output);
  });

  it("the main package brings both with it: a stranger's package of that name is never asked for", () => {
    const target = join(folder, "unpacked");
    mkdirSync(target);
    run(folder, "tar", "-xzf", tarball("beeline-mqtt"), "-C", target);
    const main = join(target, "package");
    for (const name of ["beeline-bench", "beeline-conformance"]) {
      expect(readdirSync(join(main, "node_modules", name, "dist"))).toContain("index.js");
    }
    // What the registry would bring; it stands beside the package where npm puts it.
    symlinkSync(join(root, "node_modules"), join(target, "node_modules"), "dir");
    const beeline = join(main, "dist", "cli", "main.js");
    expect(run(main, process.execPath, beeline, "bench", "--help")).toContain("beeline bench");
    expect(run(main, process.execPath, beeline, "conformance", "--list")).toContain(
      "MQTT-3.12.4-1",
    );
  });

  it("the main package installs into an empty folder, and npx starts a server with its console", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    run(
      empty,
      "npm",
      "install",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      tarball("beeline-mqtt"),
    );
    const flags = ["start", "--port", "0", "--admin-port", "0", "--host", "127.0.0.1"];
    const server = spawn("npx", ["--offline", "beeline", ...flags], {
      ...{ cwd: empty, detached: true }, // npx has children of its own
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let out = "";
      for await (const text of server.stdout.setEncoding("utf8")) {
        out += text;
        if (out.includes("console at")) break;
      }
      await RawClient.accepted(Number(/mqtt:\/\/\S+:(\d+)\n/.exec(out)?.[1]));
      const page = await fetch(/console at (\S+),/.exec(out)?.[1] ?? "none");
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<title>")]);
    } finally {
      process.kill(-(server.pid ?? 0), "SIGTERM");
      await once(server, "exit");
    }
  });

  it("the drop-in for mqtt-packet holds two files, and works alone", () => {
    const packed = tarball("beeline-mqtt-packet");
    expect(run(folder, "tar", "-tzf", packed).trim().split("\n").sort()).toEqual(
      ["LICENSE", "README.md", "index.cjs", "index.d.ts", "package.json"].map(
        (file) => `package/${file}`,
      ),
    );
    const alone = join(folder, "alone");
    mkdirSync(alone);
    run(alone, "npm", "install", "--offline", "--no-audit", "--no-fund", packed);
    const program = "console.log(require('beeline-mqtt-packet').generate({ cmd: 'pingreq' }))";
    expect(run(alone, process.execPath, "-e", program)).toBe("<Buffer c0 00>\n");
  });
});
