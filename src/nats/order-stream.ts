import { setTimeout as delay } from "node:timers/promises";
import {
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Logger } from "../log/logger.js";
import type { ClusterNames } from "./names.js";
import { ClusterError, messageOf } from "./words.js";

/** What the stream holds: another number, and older versions leave it alone. */
const FORMAT = 1;
const DESCRIPTION = `Beeline order log, format ${FORMAT}`;
/** Copies of the log: one server may be lost. */
export const REPLICAS = 3;
/** No node is interested in what is older: an hour, in nanoseconds. */
const AGE_MAX_NS = 3_600 * 1_000_000_000;
const BYTES_MAX = 256 * 1024 * 1024;
const AGAIN_MS = 250;

/** `err_code` of NATS. */
const NO_PEERS = 10_005;
const UNAVAILABLE = 10_008;
const OFF_FOR_ACCOUNT = 10_039;
const STORAGE_FULL = 10_047;
const NAME_IN_USE = 10_058;
const NOT_FOUND = 10_059;
const OVERLAP = 10_065;
const NOT_CLUSTERED = 10_074;
const OFF = 10_076;

/** The part of the manager of JetStream that is needed here. */
export type Streams = Pick<JetStreamManager["streams"], "add" | "info" | "getMessage">;

/**
 * The stream of the order log: made if it is not there, else looked at whether it is one.
 *
 * @param deadlineMs - In `performance.now()`: until then a JetStream without a leader is waited for.
 * @throws ClusterError when it is something else, of a newer version, or cannot be had.
 */
export async function orderStream(
  streams: Streams,
  names: ClusterNames,
  deadlineMs: number,
  logger?: Logger,
): Promise<StreamInfo> {
  for (;;) {
    try {
      const found = await infoOf(streams, names.stream);
      const info = found ?? (await made(streams, (replicas) => configOf(names, replicas)));
      checkStream(info, names, logger);
      return info;
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      const isLate = performance.now() >= deadlineMs;
      if (isLate || !mayPass(error))
        throw new ClusterError(
          jetStreamText(error, { stream: names.stream, subject: names.order, log: "order log" }),
        );
      await delay(AGAIN_MS);
    }
  }
}

/** One server by itself keeps one copy. */
export async function made(
  streams: Pick<Streams, "add">,
  configFor: (replicas: number) => Partial<StreamConfig> & { name: string },
): Promise<StreamInfo> {
  try {
    return await streams.add(configFor(REPLICAS));
  } catch (error) {
    if (codeOf(error) !== NOT_CLUSTERED) throw error;
    return streams.add(configFor(1));
  }
}

/** `undefined`: there is none. */
export async function infoOf(
  streams: Pick<Streams, "info">,
  stream: string,
): Promise<StreamInfo | undefined> {
  try {
    return await streams.info(stream);
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

/** What NATS is asked for. */
export function configOf(
  { stream, order, ordered }: ClusterNames,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: stream,
    description: DESCRIPTION,
    subjects: [order],
    storage: "file",
    retention: "limits",
    discard: "old",
    num_replicas: replicas,
    max_age: AGE_MAX_NS,
    max_bytes: BYTES_MAX,
    duplicate_window: 1_000_000_000, // the cluster tells copies by itself
    republish: { src: order, dest: ordered },
  };
}

function checkStream({ config }: StreamInfo, names: ClusterNames, logger?: Logger): void {
  const { description = "", subjects = [], republish, num_replicas: replicas } = config;
  const format = /^Beeline order log, format (\d+)$/.exec(description)?.[1];
  if (format === undefined) {
    throw new ClusterError(
      `the stream ${names.stream} in NATS is not one that Beeline has made: choose another cluster.name`,
    );
  }
  if (Number(format) > FORMAT) {
    throw new ClusterError(
      `the cluster uses a newer version of Beeline (the order log ${names.stream} has format ${format}, ` +
        `this version reads ${FORMAT}): install that version here, or choose another cluster.name`,
    );
  }
  const isOurs =
    subjects.length === 1 && subjects[0] === names.order && republish?.dest === names.ordered;
  if (!isOurs) {
    throw new ClusterError(
      `somebody has changed the stream ${names.stream} in NATS: its subject must be ${names.order}, ` +
        `published once more as ${names.ordered}. Remove it while no node runs; it is made again`,
    );
  }
  if (replicas < REPLICAS) {
    logger?.warn?.(
      `the order log is kept by ${replicas === 1 ? "one NATS server only" : `${replicas} NATS servers`}: ` +
        "when that is lost, no client can connect. Three servers that form a cluster survive the loss of one",
      { count: replicas },
    );
  }
}

/** `err_code` of NATS, or 0. */
export function codeOf(error: unknown): number {
  return error instanceof JetStreamApiError ? error.code : 0;
}

/** The log as it is named is not there (any more). */
export function isNotFound(error: unknown): boolean {
  return codeOf(error) === NOT_FOUND;
}

/** Whether it may be a JetStream that has no leader yet, or servers that have not found each other. */
export function mayPass(error: unknown): boolean {
  const code = codeOf(error);
  return code === 0
    ? !isOff(error)
    : code === UNAVAILABLE || code === NO_PEERS || code === NAME_IN_USE;
}

function isOff(error: unknown): boolean {
  const text = messageOf(error);
  return /jetstream (is )?not enabled|permissions violation/i.test(text);
}

/** A stream that is not to be had. */
export interface WantedStream {
  readonly stream: string;
  readonly subject: string;
  /** What it is for people. */
  readonly log: string;
}

/** Why there is no such stream, and what to do. */
export function jetStreamText(error: unknown, { stream, subject, log }: WantedStream): string {
  const why = messageOf(error);
  switch (codeOf(error)) {
    case OFF:
    case OFF_FOR_ACCOUNT:
      return "JetStream is off for this node in NATS: start nats-server with -js (or jetstream in its file), and allow it to the account";
    case NO_PEERS:
      return `NATS has not ${REPLICAS} servers with JetStream for the ${log}: a cluster needs three that see each other (${why})`;
    case UNAVAILABLE:
      return "JetStream has no leader: most of the NATS servers must run and see each other";
    case STORAGE_FULL:
      return `the NATS servers have no room for the ${log} (${why}): give JetStream more disk`;
    case OVERLAP:
      return `another stream in NATS takes the subject ${subject}: remove that one, or choose another cluster.name`;
    case NAME_IN_USE:
      return `the stream ${stream} is in NATS in another form, and cannot be read: choose another cluster.name`;
    default:
      break;
  }
  if (/permissions violation/i.test(why)) {
    return `NATS does not allow this node what a cluster needs: allow its user to publish and subscribe bl.>, $JS.API.> and _INBOX.> (${why})`;
  }
  if (/no responders|not enabled|503/i.test(why)) {
    return "JetStream does not answer: start nats-server with -js, and let most of its cluster run";
  }
  return `NATS has no ${log} (${stream}): ${why}`;
}
