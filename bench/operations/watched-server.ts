import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, type Placement } from "../brokers/launch.js";
import { launch, type RunningServer } from "../brokers/servers.js";

/** Of the API, in measurements only. */
export const TOKEN = "a-token-for-measurements";

const MAIN = join("dist", "cli", "main.js");
const MEMORY = ["--memory"];
const DISK = (folder: string): string[] => ["--data-dir", join(folder, "data")];

/** A server that is watched, and where. */
export interface WatchedServer extends RunningServer {
  /** Of its admin port. */
  readonly url: string;
}

/**
 * A server with everything on by which it can be watched.
 *
 * @param extra - Flags besides.
 */
export async function watchedServer(
  place: Placement,
  isDurable: boolean,
  extra: readonly string[] = [],
): Promise<WatchedServer> {
  const adminPort = await freePort();
  const server = await launch(place, (port, folder) => {
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, TOKEN);
    return [
      ...[process.execPath, MAIN, "start", "--port", `${port}`],
      ...["--admin-port", `${adminPort}`, "--admin-token-file", tokenFile],
      ...["--log-level", "info", "--log-format", "json", "--presence-topics", ...extra],
      ...(isDurable ? DISK(folder) : MEMORY),
    ];
  });
  return { ...server, url: `http://127.0.0.1:${adminPort}` };
}

/** A server that tells nobody anything. */
export function silentServer(place: Placement, isDurable: boolean): Promise<RunningServer> {
  return launch(place, (port, folder) => [
    ...[process.execPath, MAIN, "start", "--port", `${port}`],
    ...["--no-admin", "--sys-interval-seconds", "0", "--log-level", "error"],
    ...(isDurable ? DISK(folder) : MEMORY),
  ]);
}
