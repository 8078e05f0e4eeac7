import { isIP } from "node:net";
import type { Address, BenchOptions, ScenarioName } from "./options.js";
import { SCENARIO_NAMES } from "./options.js";

/** The caller passed what cannot be: the message names the argument and what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the user may say about a run; the rest comes from the scenario's defaults. */
export type GivenOptions = Partial<BenchOptions>;

/** One flag of `beeline bench`. The names follow emqtt-bench where it has the thing. */
export interface Flag {
  readonly name: string;
  readonly short: string | undefined;
  /** Placeholder of the value in a help text; undefined: a switch without value. */
  readonly value: string | undefined;
  readonly help: string;
  /** Where it has a meaning. */
  readonly scenarios: readonly ScenarioName[];
  /**
   * What the value means.
   *
   * @throws {@link UsageError} with the reason alone; the caller puts the flag before it.
   */
  readonly read: (text: string) => GivenOptions;
}

const ALL: readonly ScenarioName[] = SCENARIO_NAMES;
const STORMS: readonly ScenarioName[] = ["retained", "reconnect"];
const TRAFFIC = ALL.filter((name) => name !== "connect" && !STORMS.includes(name));
const MESSAGES: readonly ScenarioName[] = [...TRAFFIC, "retained"];
const CLOSED_LOOP = TRAFFIC.filter((name) => name !== "latency" && name !== "slow-reader");
const IN_PROCESSES = ALL.filter(
  (name) => name !== "fanin" && name !== "slow-reader" && !STORMS.includes(name),
);

/** All flags, in the order of a help text. */
export const FLAGS: readonly Flag[] = [
  flag("host", "h", "HOST", "broker's host (127.0.0.1)", ALL, (text) => ({
    host: nonEmpty(text),
  })),
  flag("port", "p", "PORT", "broker's port (1883)", ALL, (text) => ({
    port: integer(text, 1, 65_535),
  })),
  flag(
    "receivers-at",
    undefined,
    "LIST",
    "other nodes of the broker, to which receivers connect in turn: HOST:PORT,HOST:PORT",
    TRAFFIC,
    (text) => ({ receiversAt: text.split(",").map(address) }),
  ),
  flag("tls", undefined, undefined, "over TLS 1.3, whatever certificate it shows", ALL, () => ({
    tls: "full",
  })),
  flag("tls-resume", undefined, undefined, "the same, resuming TLS sessions", ALL, () => ({
    tls: "resumed",
  })),
  flag("username", "u", "NAME", "user name of all clients", ALL, (text) => ({ username: text })),
  flag("password", "P", "TEXT", "their password", ALL, (text) => ({ password: text })),
  flag(
    "ifaddr",
    undefined,
    "LIST",
    "source addresses, used in turn: 127.0.0.1-16 or 10.0.0.2,10.0.0.3",
    ALL,
    (text) => ({ sourceAddresses: addresses(text) }),
  ),
  flag(
    "count",
    "c",
    "N",
    "how many: pairs, receivers, publishers (fanin), connections or messages (retained)",
    ALL,
    (text) => ({ count: integer(text, 1, 1_000_000) }),
  ),
  flag("publishers", undefined, "N", "publishers", ["fanout", "matching"], (text) => ({
    publishers: integer(text, 1, 10_000),
  })),
  flag(
    "p2p",
    undefined,
    undefined,
    "address receivers as PARENT/p2p/CLIENTID: they never subscribe",
    ["pairs", "latency", "fanin"],
    () => ({ p2p: true }),
  ),
  flag(
    "persistent",
    undefined,
    undefined,
    "receivers keep their sessions (Clean Session 0), until the run is over",
    TRAFFIC,
    () => ({ persistent: true }),
  ),
  flag("parent", undefined, "TEXT", "first level of all topics (bench)", MESSAGES, (text) => ({
    parent: topicLevel(text),
  })),
  flag("qos", "q", "0|1|2", "QoS of publishing and subscribing (0)", MESSAGES, (text) => ({
    qos: integer(text, 0, 2) as 0 | 1 | 2, // the range says so
  })),
  flag(
    "size",
    "s",
    "BYTES",
    "payload, the 16 bytes of the stamp included (64)",
    MESSAGES,
    (text) => ({
      payloadBytes: integer(text, 16, 16_777_216),
    }),
  ),
  flag(
    "window",
    "F",
    "N",
    "closed loop: messages in flight per publisher",
    CLOSED_LOOP,
    (text) => ({ window: integer(text, 1, 60_000) }),
  ),
  flag(
    "rate",
    "r",
    "N",
    "open loop: messages a second of all publishers, whatever the answers",
    TRAFFIC,
    (text) => ({ ratePerSecond: decimal(text, 0.001, 10_000_000) }),
  ),
  flag(
    "connrate",
    "R",
    "N",
    "connections opened a second (as fast as they are accepted)",
    ALL,
    (text) => ({ connectsPerSecond: decimal(text, 0.001, 1_000_000) }),
  ),
  flag("subscriptions", undefined, "N", "subscriptions in all", ["matching"], (text) => ({
    subscriptions: integer(text, 1, 10_000_000),
  })),
  flag("wildcards", undefined, "PERCENT", "share of them with a +", ["matching"], (text) => ({
    wildcardPercent: integer(text, 0, 100),
  })),
  flag("frozen", undefined, "N", "receivers that stop reading", ["slow-reader"], (text) => ({
    frozen: integer(text, 0, 1_000_000),
  })),
  flag(
    "fill",
    undefined,
    "MIB",
    "sent to each frozen receiver before the others are measured (8)",
    ["slow-reader"],
    (text) => ({ fillMib: decimal(text, 0, 1024) }),
  ),
  flag(
    "warmup",
    "w",
    "SECONDS",
    "traffic or storms before the measured time (1)",
    [...TRAFFIC, ...STORMS],
    (text) => ({
      warmupSeconds: decimal(text, 0, 3600),
    }),
  ),
  flag("duration", "d", "SECONDS", "measured time", ALL, (text) => ({
    durationSeconds: decimal(text, 0.1, 86_400),
  })),
  flag(
    "processes",
    undefined,
    "N",
    "processes of the generator, if one is not enough (1)",
    IN_PROCESSES,
    (text) => ({ processes: integer(text, 1, 64) }),
  ),
  flag(
    "pid",
    undefined,
    "PID",
    "the broker's process on this machine: report its CPU time and memory",
    ALL,
    (text) => ({ serverPid: integer(text, 1, 2 ** 31 - 1) }),
  ),
  flag("seed", undefined, "N", "of the random topics (1)", ["matching"], (text) => ({
    seed: integer(text, 0, 2 ** 31 - 1),
  })),
];

function flag(
  name: string,
  short: string | undefined,
  value: string | undefined,
  help: string,
  scenarios: readonly ScenarioName[],
  read: Flag["read"],
): Flag {
  return { name, short, value, help, scenarios, read };
}

function integer(text: string, min: number, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new UsageError(`"${text}" is not a whole number from ${min} to ${max}`);
  }
  return Number(text);
}

function decimal(text: string, min: number, max: number): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new UsageError(`"${text}" is not a number from ${min} to ${max}`);
  }
  return Number(text);
}

function nonEmpty(text: string): string {
  if (text === "") throw new UsageError("is empty");
  return text;
}

/** A level that Topic Names and point-to-point addresses may begin with. §4.7 */
function topicLevel(text: string): string {
  if (!/^[^/+#$\0][^/+#\0]{0,99}$/.test(text)) {
    throw new UsageError(`"${text}" is not one topic level of 1 to 100 characters`);
  }
  return text;
}

/** `HOST:PORT`; an IPv6 address stands in brackets. */
function address(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(`"${text}" is not HOST:PORT`);
  }
  return { host, port: Number(port) };
}

/** `a,b` is a list, `127.0.0.1-16` the addresses 127.0.0.1 to 127.0.0.16. */
function addresses(text: string): readonly string[] {
  return text.split(",").flatMap((item) => {
    const [, start = item, first, last] = /^(\d+\.\d+\.\d+\.)(\d+)-(\d+)$/.exec(item) ?? [];
    const range =
      first === undefined
        ? [start]
        : Array.from(
            { length: Math.min(256, Number(last) - Number(first) + 1) },
            (_, at) => `${start}${Number(first) + at}`,
          );
    const wrong = range.find((address) => isIP(address) === 0);
    if (wrong !== undefined || range.length === 0) {
      throw new UsageError(`"${item}" is neither an IP address nor a range of its last number`);
    }
    return range;
  });
}
