import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort, type Placement } from "../brokers/launch.js";
import { launch, type RunningServer, written } from "../brokers/servers.js";
import { certificateIn } from "../brokers/tls.js";
import type { Door } from "./runs.js";

/** A server that asks who connects, and has every door; and how the tool is told so. */
export interface GuardedServer extends RunningServer {
  readonly flags: readonly string[];
}

/** The port of each door. */
type Ports = Readonly<Record<Door, number>>;

const USER = "anna";
const PASSWORD = "right";

/** Ours, with the password hashed as `beeline passwd` does it. */
export function guardedBeeline(main: string, place: Placement, door: Door): Promise<GuardedServer> {
  return guarded(place, door, (ports, folder) => {
    const users = join(folder, "users");
    must(process.execPath, [main, "passwd", users, USER], `${PASSWORD}\n`);
    const { cert, key } = certificateIn(folder);
    return [
      ...[process.execPath, main, "start", "--password-file", users, "-q"],
      ...["--port", `${ports.tcp}`, "--tls-port", `${ports.tls}`],
      ...["--ws-port", `${ports.ws}`, "--wss-port", `${ports.wss}`],
      ...["--tls-cert", cert, "--tls-key", key, "--data-dir", join(folder, "data")],
    ];
  });
}

/** Mosquitto, with the password hashed as `mosquitto_passwd` does it. */
export function guardedMosquitto(place: Placement, door: Door): Promise<GuardedServer> {
  return guarded(place, door, (ports, folder) => {
    const users = written(folder, "users", []);
    must("mosquitto_passwd", ["-b", users, USER, PASSWORD], "");
    const { cert, key } = certificateIn(folder);
    const secure = [`certfile ${cert}`, `keyfile ${key}`];
    const lines = [
      ...[`listener ${ports.tcp} 127.0.0.1`, `listener ${ports.tls} 127.0.0.1`, ...secure],
      ...[`listener ${ports.ws} 127.0.0.1`, "protocol websockets"],
      ...[`listener ${ports.wss} 127.0.0.1`, "protocol websockets", ...secure],
      ...[`password_file ${users}`, "log_dest none"],
      `user ${userInfo().username}`, // else it may not read what only we may
    ];
    return ["mosquitto", "-c", written(folder, "mosquitto.conf", lines)];
  });
}

async function guarded(
  place: Placement,
  door: Door,
  command: (ports: Ports, folder: string) => readonly string[],
): Promise<GuardedServer> {
  const others = { tls: await freePort(), ws: await freePort(), wss: await freePort() };
  const server = await launch(place, (tcp, folder) => command({ ...others, tcp }, folder));
  const port = { ...others, tcp: server.port }[door];
  // Handshakes are begun at the door itself where that speaks TLS.
  const tlsPort = door === "wss" ? port : others.tls;
  const flags = [
    ...["--door", door, "--tls-port", `${tlsPort}`],
    ...["--username", USER, "--password", PASSWORD],
  ];
  return { ...server, port, flags };
}

function must(program: string, args: readonly string[], input: string): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
}
