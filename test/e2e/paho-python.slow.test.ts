import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { TRANSPORTS } from "../support/transports.js";
import { run, stockServer } from "./stock-server.js";

/** Debian installs the package for its own Python. */
const PYTHON = "/usr/bin/python3";
const script = fileURLToPath(new URL("./clients/paho_client.py", import.meta.url));
const isMissing = spawnSync(PYTHON, ["-c", "import paho.mqtt.client"]).status !== 0;

const NAME = "paho-mqtt for Python (Debian's python3-paho-mqtt)";

describe.skipIf(isMissing).each(TRANSPORTS)(`${NAME}, by %s`, (carrier) => {
  const server = stockServer("--transport", carrier);
  it.each(["tcp", "websockets"])(
    "[S1] [S5] [S7] [P3] sends and gets point-to-point next to publish/subscribe over %s",
    async (transport) => {
      const port = transport === "tcp" ? server.port() : server.wsPort();
      const { out, err, code } = await run(PYTHON, [script, `${port}`, transport]).ended;
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(out.trim().split("\n").sort()).toEqual([
        "receiver demo/p2p/GID_demo@@@P 0 at 0",
        "receiver demo/p2p/GID_demo@@@P 1 at 1",
        "receiver demo/p2p/GID_demo@@@P 2 at 2",
        "spy paho/open 2 to all",
      ]);
    },
  );
});
