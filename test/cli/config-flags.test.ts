import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addConfigFlags, effectiveOf } from "../../src/cli/config-flags.js";
import { Child } from "../server/child.js";
import { runCommand } from "../support/run-command.js";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "beeline-config-flags-")));
  writeFileSync(
    join(folder, "beeline.yaml"),
    "port: 1\nlimits: {heldMax: 1}\nlog: {level: warn}\n",
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function effective(...args: string[]) {
  const command = new Command().exitOverride();
  addConfigFlags(command);
  command.parse(args, { from: "user" });
  return effectiveOf(command);
}

describe("the flags of a configuration", () => {
  it("lie over the variables, which lie over the file that -c names", async () => {
    vi.stubEnv("BEELINE_LIMITS__HELD_MAX", "2");
    const file = join(folder, "beeline.yaml");
    const { given } = await effective("-c", file, "-v", "--port", "3");
    expect(given).toEqual({ port: 3, limits: { heldMax: 2 }, log: { level: "debug" } });
  });

  it("need no file", async () => {
    expect((await effective()).given).toEqual({});
  });
});

describe("beeline start", () => {
  it("--print-config prints what holds and where it comes from, and starts nothing", async () => {
    const file = join(folder, "beeline.yaml");
    const { code, out, err } = await runCommand("start", "-c", file, "--memory", "--print-config");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`port: 1 # ${file}:1:1\n`);
    expect(out).toContain("  memory: true # flag --memory\n");
    expect(out).toContain("  heldMax: 1 # ");
    expect(out).toContain("\n# mqtt31: true # default\n");
  });

  it("[M04] refuses a broken file with everything that is wrong, and ends with 2", async () => {
    const file = join(folder, "beeline.yaml");
    writeFileSync(file, "prot: 1\nport: x\n");
    const { code, out, err } = await runCommand("-c", file);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      `error: ${file}:1:1: unknown key prot: did you mean port?\n` +
        `error: ${file}:2:7: port is "x"; allowed: whole numbers from 0 to 65535\n`,
    );
  });

  it("reads beeline.yaml of the folder it works in, when no other is named", async () => {
    const own = join(folder, "own.yaml");
    writeFileSync(join(folder, "beeline.yaml"), "port: 0\nstore: {dataDir: state}\n");
    writeFileSync(own, "port: 0\nstore: {memory: true}\n");
    for (const [args, state] of [
      [[], `beeline keeps its state in ${join(folder, "state")}`],
      [["-c", own], "beeline keeps all state in memory"],
    ] as const) {
      const child = new Child({ cwd: folder }, ...args);
      await child.listening();
      expect(child.out).toContain(state);
      child.signal("SIGTERM");
      expect(await child.ended).toBe(0);
    }
  });
});
