import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { canRun, run, stockServer } from "./stock-server.js";

const source = fileURLToPath(new URL("./clients/paho-client.c", import.meta.url));
const isMissing = !canRun("gcc", "--version") || !existsSync("/usr/include/MQTTClient.h");
const server = stockServer();

describe.skipIf(isMissing)("the Paho C client (Debian's libpaho-mqtt-dev and gcc)", () => {
  it("[S1] [S5] [S7] [P3] sends and gets point-to-point next to publish/subscribe", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-paho-c-"));
    const program = join(folder, "paho-client");
    const compiled = spawnSync("gcc", ["-Wall", "-o", program, source, "-lpaho-mqtt3c"], {
      encoding: "utf8",
    });
    expect(compiled.stderr).toBe("");
    const { out, err, code } = await run(program, [`${server.port()}`]).ended;
    rmSync(folder, { recursive: true });
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out.trim().split("\n").sort()).toEqual([
      "receiver demo/p2p/GID_demo@@@C 0 at 0",
      "receiver demo/p2p/GID_demo@@@C 1 at 1",
      "receiver demo/p2p/GID_demo@@@C 2 at 2",
      "spy paho-c/open 2 to all",
    ]);
  });
});
