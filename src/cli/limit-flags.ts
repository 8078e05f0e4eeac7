import { InvalidArgumentError, Option } from "commander";
import { DEFAULT_LIMITS, type Limits, limitsWith } from "../ports/limits.js";

/** What each limit is about, in a line of `--help`. */
const DESCRIPTIONS: Readonly<Partial<Record<keyof Limits, string>>> = {
  packetBytesMax: "bytes of one packet",
  connectBytesMax: "bytes of one packet before the client is accepted",
  pipelinedBytesMax: "bytes sent behind CONNECT before it is answered",
  unfinishedTotalBytesMax: "bytes held of packets that have not come whole, for all clients",
  messageBytesMax: "payload bytes of one message: more is acknowledged and dropped",
  topicLevelsMax: "levels of a topic",
  connectTimeoutMs: "time for CONNECT to come",
  authenticateTimeoutMs: "time for credentials to be checked",
  connectionsMax: "connections at once",
  keepAliveSecondsMax: "cap on keep alive; 0: none",
  inFlightMax: "QoS 1 and 2 messages on their way to one client; more wait",
  inboundInFlightMax: "QoS 2 messages of one client that wait for PUBREL",
  queueMessagesMax: "messages queued for one session",
  burstMessagesMax: "messages waiting for a client that keeps acknowledging",
  queueBytesMax: "bytes queued for one session",
  pointToPointMessagesMax: "point-to-point messages queued for one session",
  pointToPointBytesMax: "point-to-point bytes queued for one session",
  pointToPointTotalMax: "point-to-point messages queued for all sessions",
  pointToPointAgeMs: "age at which a queued point-to-point message is dropped",
  outboundBytesMax: "bytes waiting to leave for one client",
  outboundTotalBytesMax: "bytes waiting to leave for all clients",
  stalledMs: "time in which a client must take what was sent",
  heldMax: "acknowledgements of one client that wait for the disk",
  subscriptionsPerSessionMax: "subscriptions of one session",
  subscriptionsMax: "subscriptions of all sessions",
  retainedMessagesMax: "retained messages",
  retainedBytesMax: "bytes of retained messages",
  willBytesMax: "bytes of all wills",
  offlineSessionsMax: "sessions kept for clients that are offline",
  sessionExpiryMs: "time after which the session of an offline client ends",
};

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[]; // its own keys

/** One flag a limit: `packetBytesMax` is `--packet-bytes-max <bytes>`. */
export function limitOptions(): Option[] {
  return LIMIT_NAMES.map((name) =>
    new Option(`--${kebab(name)} <${unitOf(name)}>`, describe(name)).argParser((value) =>
      parsed(name, value),
    ),
  );
}

function describe(name: keyof Limits): string {
  return `${DESCRIPTIONS[name] ?? name} (default: ${DEFAULT_LIMITS[name]})`;
}

/** The limits among parsed flags. */
export function limitsFrom(flags: Readonly<Record<string, unknown>>): Partial<Limits> {
  return Object.fromEntries(
    LIMIT_NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  );
}

function parsed(name: keyof Limits, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  try {
    limitsWith({ [name]: value });
  } catch (error) {
    const allowed = error instanceof Error ? error.message.split("; ")[1] : undefined;
    throw new InvalidArgumentError(allowed ?? String(error));
  }
  return value;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function unitOf(name: string): string {
  if (/Bytes/.test(name)) return "bytes";
  if (name.endsWith("Ms")) return "ms";
  return name.includes("Seconds") ? "s" : "count";
}
