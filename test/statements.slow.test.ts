import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

describe("every sentence of the standard that binds a server", () => {
  it("has a test that names it and a source line that cites it", { timeout: 300_000 }, () => {
    const run = spawnSync(process.execPath, ["scripts/statements.mjs", "--gaps"], {
      cwd: root,
      encoding: "utf8",
    });
    const gaps = run.stdout.split("\n").filter((line) => line.startsWith("MQTT-"));
    expect(gaps).toEqual([]);
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
  });
});
