import type { CrashClient } from "./client.js";

/** What the judge looks at of a client. */
export type Witness = Pick<
  CrashClient,
  "clientId" | "received" | "acknowledged" | "sessionPresent"
>;

/** Which messages a reader of the crash loop must have. */
const EXPECTED: Readonly<Record<string, (topicName: string) => boolean>> = {
  r0: (topicName) => topicName.startsWith("t/"),
  r1: (topicName) => topicName.startsWith("t/"),
  r2: (topicName) => topicName === "p/p2p/r2",
};
/** Subscribed at QoS 1: it may get a message twice. */
const AT_LEAST_ONCE = new Set(["r1"]);

/**
 * What went wrong, one line each: an acknowledged message that is missing, a QoS 2 message that
 * came twice, an order that was not kept, a retained message that is too old, a lost session.
 *
 * @param retained - What is retained now, by topic.
 */
export function judge(
  readers: readonly Witness[],
  writers: readonly Witness[],
  retained: ReadonlyMap<string, string>,
): string[] {
  return [
    ...readers.flatMap((reader) => [
      ...missing(reader, writers, expectedBy(reader)),
      ...doubled(reader),
      ...disordered(reader),
    ]),
    ...writers.flatMap((writer) => outdated(writer, retained)),
    ...[...readers, ...writers].flatMap(forgotten),
  ];
}

/** Whether a reader of the crash loop has everything that was acknowledged. */
export function isComplete(reader: Witness, writers: readonly Witness[]): boolean {
  return missing(reader, writers, expectedBy(reader)).length === 0;
}

function expectedBy({ clientId }: Witness): (topicName: string) => boolean {
  return EXPECTED[clientId] ?? (() => false);
}

/** @param expects - Whether a message of this topic is for the reader. */
export function missing(
  reader: Witness,
  writers: readonly Witness[],
  expects: (topicName: string) => boolean,
): string[] {
  const seen = new Set(reader.received);
  return writers
    .flatMap(({ acknowledged }) => acknowledged)
    .filter(({ topicName }) => expects(topicName))
    .filter(({ payload }) => !seen.has(payload))
    .map(({ payload }) => `${reader.clientId} never got ${payload}, which was acknowledged`);
}

/** What came twice at QoS 2. */
export function doubled({ clientId, received }: Witness): string[] {
  if (AT_LEAST_ONCE.has(clientId)) return [];
  const seen = new Set<string>();
  const again = received
    .filter((payload) => payload.startsWith("2:"))
    .filter((payload) => seen.size === seen.add(payload).size);
  return again.map((payload) => `${clientId} got ${payload} once more, at QoS 2`);
}

/** First arrivals of one writer at one QoS come in the order of publishing. */
export function disordered({ clientId, received }: Witness): string[] {
  const last = new Map<string, string>();
  const problems: string[] = [];
  for (const payload of new Set(received)) {
    const stream = payload.slice(0, payload.lastIndexOf(":"));
    const before = last.get(stream);
    if (before !== undefined && numberOf(before) > numberOf(payload)) {
      problems.push(`${clientId} got ${payload} behind ${before}`);
    }
    last.set(stream, payload);
  }
  return problems;
}

function outdated(writer: Witness, retained: ReadonlyMap<string, string>): string[] {
  const topicName = `ret/${writer.clientId}`;
  const last = writer.acknowledged.filter((one) => one.topicName === topicName).at(-1);
  const kept = retained.get(topicName);
  if (last === undefined) return [];
  if (kept === undefined) return [`${topicName} is not retained, ${last.payload} was acknowledged`];
  if (numberOf(kept) >= numberOf(last.payload)) return [];
  return [`${topicName} retains ${kept}, but ${last.payload} was acknowledged`];
}

/** Once begun, a session is there at every CONNECT. */
export function forgotten({ clientId, sessionPresent }: Witness): string[] {
  const isForgotten = sessionPresent.slice(1).includes(false);
  return isForgotten ? [`${clientId} was told that its session is gone`] : [];
}

function numberOf(payload: string): number {
  return Number(payload.slice(payload.lastIndexOf(":") + 1));
}
