import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../support/run-command.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const check = (...args: string[]) => runCommand("check", ...args);

function write(text: string): string {
  const file = join(folder, "own.yaml");
  writeFileSync(file, text);
  return file;
}

describe("beeline check", () => {
  it("ends with 0 where a server would start", async () => {
    const file = write(`port: 1884\nstore: {dataDir: ${join(folder, "data")}}\n`);
    const ok = "everything is in order: a server would start like this\n";
    expect(await check("-c", file)).toEqual({ code: 0, out: ok, err: "" });
    expect((await check("--memory")).code).toBe(0);
  });

  it("[M04] ends with 1 and says everything that is wrong with the file", async () => {
    const file = write("prot: 1\nlimits: {heldMax: x}\n");
    expect(await check("-c", file)).toEqual({
      code: 1,
      out: "",
      err:
        `error: ${file}:1:1: unknown key prot: did you mean port?\n` +
        `error: ${file}:2:19: limits.heldMax is "x"; allowed: whole numbers from 1 on\n` +
        "error: 2 things are wrong: a server would not start like this\n",
    });
  });

  it("[M04] ends with 1 for options that contradict each other, named as they were given", async () => {
    const file = write(`store:\n  memory: true\n  dataDir: ${folder}\n`);
    const { code, err } = await check("--config", file);
    expect(code).toBe(1);
    expect(err).toContain(
      `${file}:2:3: store.memory and ${file}:3:3: store.dataDir contradict each other`,
    );
    expect((await check("-c", file, "--memory")).code).toBe(0);
  });

  it("[M04] says where in the file something has no counterpart, and what two want both", async () => {
    const tls = write("tls: { port: 8883 }\n");
    expect((await check("-c", tls)).err).toContain(
      `error: ${tls}:1:8: tls.port needs tls.cert and tls.key, names of files\n`,
    );
    const host = write("host: 0.0.0.0\n");
    expect((await check("-c", host)).err).toContain(`error: ${host}:1:1: host 0.0.0.0 is refused`);
    const ports = write("port: 1\nadmin: { port: 1 }\n");
    expect((await check("-c", ports)).err).toContain("--port and --admin-port name the same place");
  });

  it("[M04] counts everything that is wrong with a file of rules", async () => {
    const rules = join(folder, "rules.yaml");
    writeFileSync(
      rules,
      "rules:\n  - { allow: any, do: publish, topic: a/#/b }\n  - { allow: x }\n",
    );
    const { code, err } = await check("--rules-file", rules, "--memory");
    const lines = err.trimEnd().split("\n");
    expect(code).toBe(1);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.slice(0, -1).every((line) => line.startsWith(`error: ${rules}:`))).toBe(true);
    expect(lines.at(-1)).toContain(`error: ${lines.length - 1} things are wrong`);
  });

  it("[M04] ends with 2 for a flag that cannot be", async () => {
    expect(await check("--port", "x")).toMatchObject({ code: 2, out: "" });
    expect(await check("--prot", "1")).toMatchObject({ code: 2, out: "" });
  });
});
