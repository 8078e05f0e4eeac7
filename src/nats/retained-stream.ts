import { setTimeout as delay } from "node:timers/promises";
import type { StreamConfig, StreamInfo } from "@nats-io/jetstream";
import type { ClusterNames } from "./names.js";
import { infoOf, jetStreamText, made, mayPass, type Streams } from "./order-stream.js";
import { ClusterError } from "./words.js";

/** What the stream holds: another number, and older versions leave it alone. */
const FORMAT = 1;
const DESCRIPTION = `Beeline retained messages, format ${FORMAT}`;
const AGAIN_MS = 250;
/** So long the server knows a record again that is sent once more: two minutes, in nanoseconds. */
const KNOWN_NS = 120 * 1_000_000_000;

/**
 * The stream of retained messages, one for each topic: made if it is not there, else looked at whether
 * it is one. How many servers keep it is said of the order log, which is kept by as many.
 *
 * @param deadlineMs - In `performance.now()`: until then a JetStream without a leader is waited for.
 * @throws ClusterError when it is something else, of a newer version, or cannot be had.
 */
export async function retainedStream(
  streams: Pick<Streams, "add" | "info">,
  names: ClusterNames,
  deadlineMs: number,
): Promise<StreamInfo> {
  const stream = names.retainedStream;
  for (;;) {
    try {
      const found = await infoOf(streams, stream);
      const info = found ?? (await made(streams, (replicas) => retainedConfig(names, replicas)));
      checkStream(info, names);
      return info;
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      if (performance.now() >= deadlineMs || !mayPass(error)) {
        const subject = `${names.retained}*`;
        throw new ClusterError(
          jetStreamText(error, { stream, subject, log: "log of retained messages" }),
        );
      }
      await delay(AGAIN_MS);
    }
  }
}

/** What NATS is asked for: of each topic the last message, for ever. */
export function retainedConfig(
  { retainedStream: name, retained }: ClusterNames,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name,
    description: DESCRIPTION,
    subjects: [`${retained}*`],
    storage: "file",
    retention: "limits",
    discard: "old",
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    duplicate_window: KNOWN_NS,
  };
}

function checkStream({ config }: StreamInfo, { retainedStream: name, retained }: ClusterNames) {
  const { description = "", subjects = [] } = config;
  const format = /^Beeline retained messages, format (\d+)$/.exec(description)?.[1];
  if (format === undefined) {
    throw new ClusterError(
      `the stream ${name} in NATS is not one that Beeline has made: choose another cluster.name`,
    );
  }
  if (Number(format) > FORMAT) {
    throw new ClusterError(
      `the cluster uses a newer version of Beeline (the retained messages in ${name} have format ${format}, ` +
        `this version reads ${FORMAT}): install that version here, or choose another cluster.name`,
    );
  }
  const isBounded = config.max_age > 0 || config.max_bytes > 0 || config.max_msgs > 0;
  const isOurs = subjects.length === 1 && subjects[0] === `${retained}*`;
  if (!isOurs || isBounded || config.max_msgs_per_subject !== 1) {
    throw new ClusterError(
      `somebody has changed the stream ${name} in NATS: its subject must be ${retained}*, with one message ` +
        "for each subject and no limit of age, bytes or messages. Change it back",
    );
  }
}
