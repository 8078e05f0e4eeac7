import { join, resolve } from "node:path";
import { LIMIT_ROWS } from "../../ports/limits.js";
import type { GivenOptions } from "../option-table.js";
import type { Conf, Note } from "./conf.js";

/** What stands for "no limit" where a number must. */
const MANY = 1_000_000_000;
/** A hundred years, for what never ends. */
const NEVER_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/** What clients may grow: what is said, and what held without it where ours is another default. */
export function limitsOf({ settings }: Conf): NonNullable<GivenOptions["limits"]> {
  const numberOf = (name: string): number | undefined => {
    const value = settings.get(name)?.value;
    return value === undefined ? undefined : Number(value);
  };
  const queued = numberOf("max_queued_messages");
  const largest = numberOf("message_size_limit") ?? 0;
  const expiry = numberOf("persistent_client_expiration");
  return {
    packetBytesMax: packetBytesFrom(numberOf("max_packet_size")),
    ...(largest > 0 && { messageBytesMax: largest }),
    inFlightMax: inFlightFrom(numberOf("max_inflight_messages")),
    ...(queued !== undefined && {
      queueMessagesMax: queued > 0 ? queued : MANY,
      burstMessagesMax: queued > 0 ? queued : MANY,
    }),
    queueBytesMax: atLeastOne(numberOf("max_queued_bytes")) ?? MANY,
    ...(settings.get("retain_available")?.value === false && { retainedMessagesMax: 0 }),
    sessionExpiryMs: expiry === undefined ? NEVER_MS : expiry * 1000,
  };
}

/** Mosquitto counts what stands behind the length and one byte more; ours counts the whole packet. */
function packetBytesFrom(most: number | undefined): number {
  const { least, most: ceiling } = LIMIT_ROWS.packetBytesMax;
  if (most === undefined) return ceiling;
  const remaining = most - 1;
  const lengthBytes = [128, 16_384, 2_097_152].filter((from) => remaining >= from).length + 1;
  return Math.min(Math.max(1 + lengthBytes + remaining, least), ceiling);
}

/** Default 20; 0 and 65535 mean as many as there can be. */
function inFlightFrom(most = 20): number {
  return most <= 0 ? 65_535 : most;
}

function atLeastOne(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** Where state is kept: what Mosquitto has kept is not taken over. */
export function storeOf({ settings }: Conf): NonNullable<GivenOptions["store"]> {
  if (settings.get("persistence")?.value !== true) return { memory: true };
  const location = String(settings.get("persistence_location")?.value ?? ".");
  return { dataDir: join(resolve(location), "beeline-data") };
}

/** How much is logged; unset where it says nothing. */
export function logOf({ settings }: Conf): GivenOptions["log"] {
  const types = settings.get("log_type")?.value;
  if (types === undefined) return undefined;
  const words = String(types).split(" ");
  const has = (...some: string[]): boolean => some.some((word) => words.includes(word));
  if (has("all", "debug")) return { level: "debug" };
  if (has("information", "notice")) return { level: "info" };
  return { level: has("warning") ? "warn" : "error" };
}

/** What is said of all this. */
export function limitNotes({ settings }: Conf): Note[] {
  const notes: Note[] = [];
  const tell = (name: string, isTold: (value: string) => boolean, text: string): void => {
    const setting = settings.get(name);
    if (setting !== undefined && isTold(String(setting.value))) {
      notes.push({ place: setting.place, text: `${name} ${setting.value} ${text}` });
    }
  };
  const { least } = LIMIT_ROWS.packetBytesMax;
  tell(
    "max_packet_size",
    (bytes) => Number(bytes) < least - 1,
    `is less than can be: ${least} bytes`,
  );
  tell(
    "retain_available",
    (value) => value === "false",
    "differs: a message to be retained is delivered and not kept, and its client stays connected",
  );
  tell(
    "persistence",
    (value) => value === "true",
    "begins empty: what Mosquitto has kept is not read",
  );
  tell("log_type", (words) => words.includes("none"), "has no counterpart: errors are logged");
  tell(
    "log_dest",
    (words) => words !== "stderr",
    "has no counterpart: the log goes to standard error, for whoever starts the server to keep",
  );
  return notes;
}
