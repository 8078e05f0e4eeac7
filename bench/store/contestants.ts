import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Placement } from "../brokers/launch.js";
import { commit, launch, type RunningServer, versionOf, written } from "../brokers/servers.js";

/** A server and how it keeps what it must not lose. */
export interface Contestant {
  readonly name: ContestantName;
  readonly title: string;
  /** undefined: it is not installed. */
  readonly version: string | undefined;
  readonly settings: string;
  /** Receivers are addressed directly, or subscribe. */
  readonly isAddressed: boolean;
  /** @param folder - Where it keeps its state; undefined: in a folder of this run. */
  readonly start: (place: Placement, folder?: string) => Promise<RunningServer>;
}

export type ContestantName = "memory" | "fast" | "sync" | "mosquitto";

const RUNNER = fileURLToPath(new URL("./beeline-server.js", import.meta.url));

/** Ours in three modes, and Mosquitto. */
export function contestants(): readonly Contestant[] {
  return [
    ours("memory", "Beeline, in memory", "no store: sessions end with the server"),
    ours("fast", "Beeline, fast", "acknowledged when the operating system has it"),
    ours("sync", "Beeline, sync", "the default: acknowledged when the disk has it"),
    mosquitto(),
  ];
}

function ours(mode: "memory" | "fast" | "sync", title: string, settings: string): Contestant {
  return {
    name: mode,
    title,
    version: commit(),
    settings,
    isAddressed: true,
    start: (place, kept) =>
      launch(place, (port, folder) => [
        process.execPath,
        RUNNER,
        String(port),
        mode,
        kept ?? join(folder, "data"),
      ]),
  };
}

/** It writes its state when it ends, and every half an hour: autosave_interval is 1800 s. */
function mosquitto(): Contestant {
  return {
    name: "mosquitto",
    title: "Mosquitto, persistence",
    version: versionOf("mosquitto", ["-h"], /mosquitto version (\S+)/),
    settings:
      "persistence true, all else about it as it comes (autosave_interval 1800 s: it acknowledges " +
      "what is in memory); unlimited in-flight and queue, no log, TCP_NODELAY",
    isAddressed: false,
    start: (place, kept) =>
      launch(place, (port, folder) => {
        const location = kept ?? folder;
        lend(location);
        return [
          "mosquitto",
          "-c",
          written(folder, "mosquitto.conf", [
            `listener ${port} 127.0.0.1`,
            "allow_anonymous true",
            "persistence true",
            `persistence_location ${location}/`,
            "max_inflight_messages 0",
            "max_queued_messages 0",
            "set_tcp_nodelay true",
            "log_dest none",
          ]),
        ];
      }),
  };
}

/** Started by root, Mosquitto becomes a user of its own, who must be able to write there. */
function lend(folder: string): void {
  if (process.getuid?.() !== 0) return;
  chmodSync(folder, 0o755);
  spawnSync("chown", ["mosquitto", folder]);
}
