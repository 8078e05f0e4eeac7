import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager, StreamConfig, StreamInfo } from "@nats-io/jetstream";
import type { Logger } from "../log/logger.js";
import type { HomeNames } from "./names.js";
import { infoOf, jetStreamText, made, mayPass, REPLICAS } from "./order-stream.js";
import { ClusterError } from "./words.js";

/** What the stream holds: another number, and older versions leave it alone. */
const FORMAT = 1;
const DESCRIPTION = `Beeline store, format ${FORMAT}`;
const AGAIN_MS = 250;
const LOG = "log of the replica";

/** The part of the manager of JetStream that is needed here. */
export type HomeStreams = Pick<
  JetStreamManager["streams"],
  "add" | "info" | "getMessage" | "purge" | "update"
>;

/**
 * The stream that a store is replicated to: made if it is not there, else looked at whether it is one.
 *
 * @param deadlineMs - In `performance.now()`: until then a JetStream without a leader is waited for.
 * @throws ClusterError when it is something else, of a newer version, or cannot be had.
 */
export async function homeStream(
  streams: HomeStreams,
  names: HomeNames,
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
      if (performance.now() >= deadlineMs || !mayPass(error)) {
        throw new ClusterError(jetStreamText(error, { ...names, log: LOG }));
      }
      await delay(AGAIN_MS);
    }
  }
}

/** What NATS is asked for: nothing is ever removed but by whoever writes to it. */
export function configOf(
  { stream, subject }: HomeNames,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: stream,
    description: DESCRIPTION,
    subjects: [subject],
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: replicas,
    duplicate_window: 1_000_000_000, // each append names the entry before it: there are no duplicates
  };
}

function checkStream(
  { config }: StreamInfo,
  { stream, subject }: HomeNames,
  logger?: Logger,
): void {
  const { description = "", subjects = [], num_replicas: replicas } = config;
  const format = /^Beeline store, format (\d+)$/.exec(description)?.[1];
  if (format === undefined) {
    throw new ClusterError(
      `the stream ${stream} in NATS is not one that Beeline has made: choose another replica.name`,
    );
  }
  if (Number(format) > FORMAT) {
    throw new ClusterError(
      `the replica was made by a newer version of Beeline (the stream ${stream} has format ${format}, ` +
        `this version reads ${FORMAT}): start that version, or choose another replica.name`,
    );
  }
  const isBounded = config.max_age > 0 || config.max_bytes > 0 || config.max_msgs > 0;
  if (subjects.length !== 1 || subjects[0] !== subject || isBounded) {
    throw new ClusterError(
      `somebody has changed the stream ${stream} in NATS: its subject must be ${subject}, and it must ` +
        "have no limit of age, bytes or messages. Change it back",
    );
  }
  if (replicas < REPLICAS) {
    logger?.warn?.(
      `the replica is kept by ${replicas === 1 ? "one NATS server only" : `${replicas} NATS servers`}: ` +
        "three servers that form a cluster survive the loss of one",
      { count: replicas },
    );
  }
}
