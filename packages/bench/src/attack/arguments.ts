import { isIPv4 } from "node:net";
import { parseArgs } from "node:util";
import { DOORS, type Door } from "../door.js";
import { UsageError } from "../flags.js";
import type { Address } from "./attacker.js";
import { ATTACKS } from "./attacks.js";
import { FLOODS } from "./floods.js";
import type { Attack } from "./room.js";
import type { AttackOptions } from "./run-attack.js";
import { listensOn } from "./server-process.js";

/** What the command was asked for. */
export interface AttackChoice extends AttackOptions {
  readonly attacks: readonly Attack[];
  readonly json: boolean;
}

/** By a client that was let in, then by peers that were not. */
const ALL: readonly Attack[] = [...ATTACKS, ...FLOODS];

/** The help text. */
export function attackHelp(command: string): string {
  return `${command} --port P [flags]

Does to a server on this machine what one ordinary client can do to hurt all others (T), and what peers
can that were never let in (I, K, M), and watches what an innocent pair of clients sees meanwhile. Never
against a server that people use.

  --host HOST      127.0.0.1, another address of 127.0.0.0/8, ::1 or localhost (127.0.0.1)
  --port P         its port
  --door DOOR      what it speaks there: ${DOORS.join(", ")} (tcp); attackers and innocent pair come this way
  --tls-port P     its port for TLS, where --port has none; without it K11 is left out
  --username USER  as whom clients are let in, if it asks for credentials; M02 guesses this user's password
  --password TEXT  the password
  --only LIST      some attacks: T1,T3 (all)
  --seconds S      how long one goes on at the most (10)
  --scale X        multiplies all numbers of connections, filters and messages (1)
  --pid PID        the server's process, for its memory
  --settle S       seconds after an attack until that memory is looked at once more (3)
  --sigterm        ends that process with SIGTERM during the attack; needs --pid and one attack
  --json           the whole outcome instead of a table

${ALL.map(({ name, title }) => `  ${name}  ${title}`).join("\n")}

Exit code: 0 the server held, 1 it did not or could not be attacked, 2 an invalid flag or value.`;
}

/** @throws {@link UsageError} */
export function attackChoice(args: readonly string[]): AttackChoice {
  const values = valuesOf(args);
  const address = addressOf(values);
  const pid = values.pid === undefined ? undefined : number("--pid", values.pid, 2, 4_194_304);
  if (pid !== undefined && !listensOn(pid, address.port)) {
    throw new UsageError(`--pid: process ${pid} does not listen on port ${address.port}`);
  }
  const attacks = named(values.only, address.tlsPort !== undefined);
  if (values.sigterm && (pid === undefined || attacks.length !== 1)) {
    throw new UsageError("--sigterm needs --pid, and one attack: --only T1");
  }
  return {
    address,
    attacks,
    pid,
    seconds: number("--seconds", values.seconds, 0.1, 600),
    scale: number("--scale", values.scale, 0.001, 20),
    sigterm: values.sigterm,
    settleSeconds: number("--settle", values.settle, 0.1, 600),
    json: values.json,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string" },
        door: { type: "string", default: "tcp" },
        "tls-port": { type: "string" },
        username: { type: "string" },
        password: { type: "string" },
        only: { type: "string" },
        seconds: { type: "string", default: "10" },
        scale: { type: "string", default: "1" },
        pid: { type: "string" },
        settle: { type: "string", default: "3" },
        sigterm: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Where the server is, and who is let in. */
function addressOf(values: ReturnType<typeof valuesOf>): Address {
  const { host, port, username, password } = values;
  const door = doorOf(values.door);
  const isSecure = door === "tls" || door === "wss";
  const tls = values["tls-port"] ?? (isSecure ? port : undefined);
  return {
    host: loopback(host),
    port: number("--port", port, 1, 65_535),
    ...(door !== "tcp" && { door }),
    ...(tls !== undefined && { tlsPort: number("--tls-port", tls, 1, 65_535) }),
    ...(username !== undefined && { username, password }),
  };
}

function doorOf(text: string): Door {
  const door = DOORS.find((one) => one === text);
  if (door !== undefined) return door;
  throw new UsageError(`--door: "${text}" is none of ${DOORS.join(", ")}`);
}

/** A name could lead anywhere: `localhost` alone is known to stay here. */
function loopback(host: string): string {
  if (host === "localhost" || host === "::1") return host;
  if (isIPv4(host) && host.startsWith("127.")) return host;
  throw new UsageError(
    `--host: "${host}" is not this machine. Attacks go to 127.0.0.1, ::1 or localhost only`,
  );
}

function number(flag: string, text: string | undefined, min: number, max: number): number {
  if (text === undefined) throw new UsageError(`${flag} is missing`);
  const whole = Number.isInteger(min);
  if (!(whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text) || Number(text) < min || Number(text) > max) {
    const kind = whole ? "a whole number" : "a number";
    throw new UsageError(`${flag}: "${text}" is not ${kind} from ${min} to ${max}`);
  }
  return Number(text);
}

function named(list: string | undefined, hasTls: boolean): readonly Attack[] {
  if (list === undefined) return ALL.filter(({ needsTls }) => hasTls || needsTls !== true);
  return list.split(",").map((name) => {
    const attack = ALL.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (attack?.needsTls === true && !hasTls)
      throw new UsageError(`${attack.name} needs --tls-port`);
    if (attack !== undefined) return attack;
    const known = ALL.map((one) => one.name).join(", ");
    throw new UsageError(`--only: "${name}" is none of ${known}`);
  });
}
