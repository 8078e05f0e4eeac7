import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/run-command.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-import-command-"));
afterAll(() => rmSync(folder, { recursive: true }));
const conf = join(folder, "mosquitto.conf");
writeFileSync(conf, "listener 1884 127.0.0.1\nallow_anonymous true\nuser mosquitto\n");

describe("beeline import mosquitto", () => {
  it("prints the configuration, and lists what has no counterpart beside it", async () => {
    const { code, out, err } = await runCommand("import", "mosquitto", conf);
    expect(code).toBe(0);
    expect(out).toMatch(/listeners:\n {2}- type: tcp\n {4}host: 127.0.0.1\n {4}port: 1884\n/);
    expect(err).toBe(
      `${conf}:3: user mosquitto has no counterpart: start it as that user, as packaging/beeline.service does\n`,
    );
  });

  it("writes a file that beeline check finds in order, and never over another one", async () => {
    const file = join(folder, "beeline.yaml");
    const { code, out } = await runCommand("import", "mosquitto", conf, "-o", file);
    expect([code, out]).toEqual([0, `wrote ${file}: beeline check -c ${file}\n`]);
    expect((await runCommand("check", "-c", file)).out).toContain("everything is in order");
    const before = readFileSync(file, "utf8");
    const again = await runCommand("import", "mosquitto", conf, "-o", file);
    expect([again.code, again.err]).toEqual([
      1,
      expect.stringContaining(`error: ${file} is there already: nothing was written\n`),
    ]);
    expect(readFileSync(file, "utf8")).toBe(before);
    const nowhere = await runCommand("import", "mosquitto", conf, "-o", join(folder, "no", "file"));
    expect([nowhere.code, nowhere.err]).toEqual([
      1,
      expect.stringContaining(`the folder ${join(folder, "no")} is not there`),
    ]);
  });

  it("says what is wrong, with file and line; without a file, how it is used", async () => {
    writeFileSync(conf, "allow_anonimous true\n");
    const { code, err } = await runCommand("import", "mosquitto", conf);
    expect([code, err]).toEqual([
      1,
      `error: ${conf}:1: Mosquitto knows no allow_anonimous: did you mean allow_anonymous?\n`,
    ]);
    expect((await runCommand("import", "mosquitto")).code).toBe(2);
  });
});
