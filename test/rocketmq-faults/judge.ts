import type { Witness } from "../crash/judge.js";

/** What the judge of the faults looks at. */
export interface Evidence {
  readonly reader: Pick<Witness, "received">;
  readonly writers: readonly Pick<Witness, "acknowledged">[];
  /** Everything that was ever published. */
  readonly published: ReadonlySet<string>;
  /**
   * Messages that everybody had acknowledged before the next fault, RocketMQ included, each with the
   * number of messages that had arrived by then.
   */
  readonly settled: ReadonlyMap<string, number>;
}

/** Payloads of a topic whose order is kept begin so. */
export const ORDERED = "ordered";

/** What went wrong, one line each. */
export function judge({ reader, writers, published, settled }: Evidence): string[] {
  const arrived = new Set(reader.received);
  const lost = writers
    .flatMap(({ acknowledged }) => acknowledged)
    .filter(({ payload }) => !arrived.has(payload))
    .map(({ payload }) => `${payload} was acknowledged and is lost`);
  const made = [...arrived]
    .filter((payload) => !published.has(payload))
    .map((payload) => `nobody has published ${payload}`);
  const again = reader.received
    .filter((payload, at) => at >= (settled.get(payload) ?? Number.POSITIVE_INFINITY))
    .map((payload) => `${payload} came again, though it was acknowledged before the fault`);
  return [...lost, ...made, ...again, ...disordered(arrived)];
}

/** Messages that came more than once, once for each time too many. */
export function doubles(received: readonly string[]): string[] {
  const seen = new Set<string>();
  return received.filter((payload) => seen.size === seen.add(payload).size);
}

/** First arrivals of one writer come in the order of publishing. */
function disordered(arrived: ReadonlySet<string>): string[] {
  const last = new Map<string, string>();
  const problems: string[] = [];
  for (const payload of arrived) {
    if (!payload.startsWith(ORDERED)) continue;
    const writer = payload.slice(0, payload.lastIndexOf(":"));
    const before = last.get(writer);
    if (before !== undefined && numberOf(before) > numberOf(payload)) {
      problems.push(`${payload} came behind ${before}`);
    }
    last.set(writer, payload);
  }
  return problems;
}

function numberOf(payload: string): number {
  return Number(payload.slice(payload.lastIndexOf(":") + 1));
}
