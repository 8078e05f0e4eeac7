import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort, type Placement } from "../brokers/launch.js";
import { launch, type RunningServer, written } from "../brokers/servers.js";
import { certificateIn } from "../brokers/tls.js";

/** A server that asks who connects and speaks TLS at a second port, and how the tool is told so. */
export interface GuardedServer extends RunningServer {
  readonly flags: readonly string[];
}

const USER = "anna";
const PASSWORD = "right";

/** Ours, with the password hashed as `beeline passwd` does it. */
export function guardedBeeline(main: string, place: Placement): Promise<GuardedServer> {
  return guarded(place, (port, tlsPort, folder) => {
    const users = join(folder, "users");
    must(process.execPath, [main, "passwd", users, USER], `${PASSWORD}\n`);
    const { cert, key } = certificateIn(folder);
    return [
      ...[process.execPath, main, "start", "--port", `${port}`, "--password-file", users],
      ...["--tls-port", `${tlsPort}`, "--tls-cert", cert, "--tls-key", key],
      ...["--data-dir", join(folder, "data"), "-q"],
    ];
  });
}

/** Mosquitto, with the password hashed as `mosquitto_passwd` does it. */
export function guardedMosquitto(place: Placement): Promise<GuardedServer> {
  return guarded(place, (port, tlsPort, folder) => {
    const users = written(folder, "users", []);
    must("mosquitto_passwd", ["-b", users, USER, PASSWORD], "");
    const { cert, key } = certificateIn(folder);
    const lines = [
      ...[`listener ${port} 127.0.0.1`, `listener ${tlsPort} 127.0.0.1`],
      ...[`certfile ${cert}`, `keyfile ${key}`, `password_file ${users}`, "log_dest none"],
      `user ${userInfo().username}`, // else it may not read what only we may
    ];
    return ["mosquitto", "-c", written(folder, "mosquitto.conf", lines)];
  });
}

async function guarded(
  place: Placement,
  command: (port: number, tlsPort: number, folder: string) => readonly string[],
): Promise<GuardedServer> {
  const tlsPort = await freePort();
  const server = await launch(place, (port, folder) => command(port, tlsPort, folder));
  const flags = ["--tls-port", `${tlsPort}`, "--username", USER, "--password", PASSWORD];
  return { ...server, flags };
}

function must(program: string, args: readonly string[], input: string): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
}
