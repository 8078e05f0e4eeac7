import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

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
    run(root, "npm", ...pack, ".", "./packages/bench", "./packages/conformance");
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
});
