import { setTimeout as delay } from "node:timers/promises";
import type { StreamConfig } from "@nats-io/jetstream";
import type { JournalNames } from "./names.js";
import { infoOf, jetStreamText, made, mayPass, type Streams } from "./order-stream.js";
import { ClusterError } from "./words.js";

/** What the stream holds: another number, and older versions leave it alone. */
const FORMAT = 1;
const DESCRIPTION = `Beeline presence, format ${FORMAT}`;
const AGAIN_MS = 250;

/**
 * The stream of the journals of presence: made if it is not there, else looked at whether it is one.
 *
 * @param deadlineMs - In `performance.now()`: until then a JetStream without a leader is waited for.
 * @throws ClusterError when it is something else, of a newer version, or cannot be had.
 */
export async function journalStream(
  streams: Pick<Streams, "add" | "info">,
  names: JournalNames,
  deadlineMs: number,
): Promise<void> {
  const { stream, journals } = names;
  for (;;) {
    try {
      const found = await infoOf(streams, stream);
      const { config } = found ?? (await made(streams, (count) => journalConfig(names, count)));
      checkStream(config, names);
      return;
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      if (performance.now() >= deadlineMs || !mayPass(error)) {
        const wanted = { stream, subject: `${journals}*`, log: "journals of presence" };
        throw new ClusterError(jetStreamText(error, wanted));
      }
      await delay(AGAIN_MS);
    }
  }
}

/** What NATS is asked for: nodes remove what is of no use any more. */
export function journalConfig(
  { stream: name, journals }: JournalNames,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name,
    description: DESCRIPTION,
    subjects: [`${journals}*`],
    storage: "file",
    retention: "limits",
    discard: "old",
    num_replicas: replicas,
    duplicate_window: 1_000_000_000, // each record names the one before
  };
}

function checkStream(
  { description = "", subjects = [], ...config }: StreamConfig,
  { stream, journals }: JournalNames,
): void {
  const format = /^Beeline presence, format (\d+)$/.exec(description)?.[1];
  if (format === undefined) {
    throw new ClusterError(
      `the stream ${stream} in NATS is not one that Beeline has made: choose another cluster.name`,
    );
  }
  if (Number(format) > FORMAT) {
    throw new ClusterError(
      `the cluster uses a newer version of Beeline (what ${stream} holds has format ${format}, this version reads ` +
        `${FORMAT}): install that version here, or choose another cluster.name`,
    );
  }
  const isOurs = subjects.length === 1 && subjects[0] === `${journals}*`;
  if (!isOurs || config.max_msgs_per_subject > 0 || config.max_msgs > 0) {
    throw new ClusterError(
      `somebody has changed the stream ${stream} in NATS: its subject must be ${journals}*, with no limit of ` +
        "messages. Remove it while no node runs; it is made again",
    );
  }
}
