/** What the server has measured, sample by sample: each list is as long as `times`. */
export interface History {
  /** How long a sample is. */
  readonly intervalSeconds: number;
  /** Ends of the samples, in ms. */
  readonly times: readonly number[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

export const NO_HISTORY: History = { intervalSeconds: 0, times: [], series: {} };

/** How far back the charts go. */
export const HISTORY_MS = 15 * 60_000;

/**
 * History with what has been measured since: no sample twice, none older than {@link HISTORY_MS}. A
 * series that only one of both has is empty where the other stands.
 */
export function continued(before: History, since: History): History {
  const last = before.times.at(-1) ?? Number.NEGATIVE_INFINITY;
  const firstNew = since.times.findIndex((time) => time > last);
  if (firstNew < 0) return before;
  const fresh = since.times.slice(firstNew);
  const oldest = (fresh.at(-1) ?? 0) - HISTORY_MS;
  const kept = before.times.findIndex((time) => time >= oldest);
  const firstKept = kept < 0 ? before.times.length : kept;
  const old = before.times.slice(firstKept);
  const names = new Set([...Object.keys(before.series), ...Object.keys(since.series)]);
  const series = Object.fromEntries(
    [...names].map((name) => [
      name,
      [
        ...(before.series[name]?.slice(firstKept) ?? old.map(() => null)),
        ...(since.series[name]?.slice(firstNew) ?? fresh.map(() => null)),
      ],
    ]),
  );
  return { intervalSeconds: since.intervalSeconds, times: [...old, ...fresh], series };
}

/** The latest value of a series that is one. */
export function latest({ series }: History, name: string): number | undefined {
  return series[name]?.findLast((value) => value !== null) ?? undefined;
}

/** A series of what is told only when there is some: else it was 0, and no gap in a line. */
export function withZeros({ times, series }: History, name: string): readonly number[] {
  return times.map((_, at) => series[name]?.[at] ?? 0);
}

/** Where values are that have none on either side: a line through a series does not show them. */
export function lonelyAt(values: ArrayLike<number | null | undefined>): number[] {
  const isThere = (at: number): boolean => (values[at] ?? null) !== null;
  return Array.from({ length: values.length }, (_, at) => at).filter(
    (at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1),
  );
}

/** Names of the series that begin with this and were ever more than 0, largest sum first. */
export function busySeries({ series }: History, prefix: string): readonly string[] {
  const sumOf = (name: string) =>
    series[name]?.reduce<number>((sum, value) => sum + (value ?? 0), 0) ?? 0;
  return Object.keys(series)
    .filter((name) => name.startsWith(prefix) && sumOf(name) > 0)
    .sort((a, b) => sumOf(b) - sumOf(a));
}
