import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type Placement } from "../brokers/launch.js";
import { commit, launch, type RunningServer, versionOf, written } from "../brokers/servers.js";
import { type GuardedServer, guardedBeeline, guardedMosquitto } from "./guarded.js";
import type { Door } from "./runs.js";

/** A server that is attacked, with its defaults: what somebody gets who installs it. */
export interface Rival {
  readonly name: string;
  readonly title: string;
  /** Undefined: it is not installed, and `missing` says what to do. */
  readonly version: string | undefined;
  readonly missing: string;
  /** What differs from its defaults. */
  readonly settings: string;
  readonly start: (place: Placement) => Promise<RunningServer>;
  /** The same with so many receivers in its process; undefined: it cannot have any. */
  readonly startCrowd?: (place: Placement, count: number) => Promise<RunningServer>;
  /** The same asking for a password, to be attacked at one of its doors; undefined: not set up here. */
  readonly startGuarded?: (place: Placement, door: Door) => Promise<GuardedServer>;
}

export const RIVAL_NAMES = ["ours", "mosquitto", "aedes", "nats"] as const;

/** 82,000 Clients connect before it listens. */
const CROWD_SECONDS_MAX = 60;
const CROWD_SERVER = fileURLToPath(new URL("./crowd-server.js", import.meta.url));

/** All of them, installed or not. @param dist - The built package to attack as ours. */
export function rivals(dist: string): readonly Rival[] {
  return [ours(dist), mosquitto(), aedes(), nats()];
}

function ours(dist: string): Rival {
  const main = join(dist, "cli", "main.js");
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  return {
    name: "ours",
    title: "Beeline",
    version: existsSync(main) ? `${version}, ${commit()}` : undefined,
    missing: `${main} is missing: npm run build`,
    settings: "defaults, in a fresh data folder",
    start: (place) =>
      launch(place, (port, folder) => [
        ...[process.execPath, main, "start", "--port", `${port}`],
        ...["--data-dir", join(folder, "data"), "-q"],
      ]),
    startGuarded: (place, door) => guardedBeeline(main, place, door),
    startCrowd: (place, count) =>
      launch(
        place,
        (port) => [process.execPath, CROWD_SERVER, `${port}`, `${count}`],
        CROWD_SECONDS_MAX,
      ),
  };
}

function mosquitto(): Rival {
  return {
    name: "mosquitto",
    title: "Mosquitto",
    version: versionOf("mosquitto", ["-h"], /mosquitto version (\S+)/),
    missing: "mosquitto is not installed (Debian: apt install mosquitto)",
    settings: "defaults (nothing on disk), anonymous clients, no log",
    start: (place) =>
      launch(place, (port, folder) => {
        const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "log_dest none"];
        return ["mosquitto", "-c", written(folder, "mosquitto.conf", lines)];
      }),
    startGuarded: guardedMosquitto,
  };
}

function aedes(): Rival {
  const runner = fileURLToPath(new URL("../brokers/aedes-server.js", import.meta.url));
  const version = versionOf("npm", ["ls", "aedes", "--depth=0"], /aedes@(\S+)/);
  return {
    name: "aedes",
    title: "Aedes",
    version,
    missing: "the npm package aedes is not installed (npm ci)",
    settings: "net server, memory persistence, defaults",
    start: (place) => launch(place, (port) => [process.execPath, runner, `${port}`]),
  };
}

function nats(): Rival {
  return {
    name: "nats",
    title: "nats-server",
    version: versionOf("nats-server", ["-v"], /v(\d\S+)/),
    missing: "nats-server is not installed (Debian: apt install nats-server)",
    settings: "MQTT listener with JetStream in a fresh folder",
    start: async (place) => {
      const clients = await freePort();
      return launch(place, (port, folder) => {
        const lines = [
          "server_name: attacked",
          `listen: "127.0.0.1:${clients}"`,
          `jetstream { store_dir: "${folder}" }`,
          `mqtt { host: 127.0.0.1, port: ${port} }`,
        ];
        return ["nats-server", "-c", written(folder, "nats.conf", lines)];
      });
    },
  };
}
