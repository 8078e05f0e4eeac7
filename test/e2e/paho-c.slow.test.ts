import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRANSPORTS } from "../support/transports.js";
import { canRun, run, stockServer } from "./stock-server.js";

const source = fileURLToPath(new URL("./clients/paho-client.c", import.meta.url));
/** A client that waits for bytes which are there already needs 20 s; without a stall it is 6.5. */
const STALLED_MS = 15_000;
const isMissing = !canRun("gcc", "--version") || !existsSync("/usr/include/MQTTClient.h");

const NAME = "the Paho C client (Debian's libpaho-mqtt-dev and gcc)";

describe.skipIf(isMissing).each(TRANSPORTS)(`${NAME}, by %s`, (transport) => {
  const server = stockServer("--transport", transport);
  const folder = mkdtempSync(join(tmpdir(), "beeline-paho-c-"));
  const program = join(folder, "paho-client");
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const compiled = spawnSync("gcc", ["-Wall", "-o", program, source, "-lpaho-mqtt3c"], {
      encoding: "utf8",
    });
    expect(compiled.stderr).toBe("");
  });

  it.each([
    ["tcp", () => server.port()],
    ["ws", () => server.wsPort()],
  ])(
    "[S1] [S5] [S7] [P3] [M31] [M32] sends and gets everything over %s without a stall",
    async (scheme, port) => {
      const startMs = performance.now();
      const { out, err, code } = await run(program, [`${scheme}://127.0.0.1:${port()}`]).ended;
      expect(err).toBe("");
      expect(code).toBe(0);
      const echoes = [0, 1, 2].flatMap((qos) =>
        Array.from({ length: 30 }, (_, n) => `echo paho-c/echo/${qos} ${qos} ${n}`),
      );
      expect(out.trim().split("\n").sort()).toEqual(
        [
          "receiver demo/p2p/GID_demo@@@C 0 at 0",
          "receiver demo/p2p/GID_demo@@@C 1 at 1",
          "receiver demo/p2p/GID_demo@@@C 2 at 2",
          "spy paho-c/open 2 to all",
          ...echoes,
        ].sort(),
      );
      expect(performance.now() - startMs).toBeLessThan(STALLED_MS);
    },
    60_000,
  );
});
