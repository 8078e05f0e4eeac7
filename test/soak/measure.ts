/** What the server's process is like at one moment. */
export interface Sample {
  /** Since the start, in minutes. */
  readonly minutes: number;
  readonly residentBytes: number;
  /** Of these, without mapped files: the store's pages go whenever the kernel wants them. */
  readonly ownBytes: number;
  /** Live objects and buffers, after a whole collection. */
  readonly heapBytes: number;
  /** What V8 has from the system, whether it is in use or not: its young generation grows in steps. */
  readonly v8Bytes: number;
  /** Open files and sockets, as the kernel counts them. */
  readonly descriptors: number;
  readonly timers: number;
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
}

/** One line for people. */
export function sampleText(sample: Sample): string {
  const { minutes, residentBytes, ownBytes, heapBytes, v8Bytes } = sample;
  const { descriptors, timers, connections, sessions, subscriptions } = sample;
  return (
    `minute ${minutes.toFixed(1).padStart(5)}  resident ${megabytes(residentBytes)}  ` +
    `without files ${megabytes(ownBytes)}  heap ${megabytes(heapBytes)}  of V8 ${megabytes(v8Bytes)}  descriptors ${descriptors}  timers ${timers}  ` +
    `connections ${connections}  sessions ${sessions}  ` +
    `subscriptions ${subscriptions}`
  );
}

/** How much something grows, in percent of its mean an hour. */
export interface Growth {
  readonly percent: number;
  /** Twice the standard error: so far off it may be, as samples go up and down by themselves. */
  readonly plusMinus: number;
}

/**
 * The straight line nearest to all samples after the first third, which is warm-up. Undefined when
 * fewer than three are left.
 */
export function growthPerHour(
  samples: readonly Sample[],
  quantity: (sample: Sample) => number,
): Growth | undefined {
  const warm = samples.slice(Math.ceil(samples.length / 3));
  if (warm.length < 3) return undefined;
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = meanOf(warm.map((sample) => sample.minutes));
  const mean = meanOf(warm.map(quantity));
  let [covariance, variance] = [0, 0];
  for (const sample of warm) {
    covariance += (sample.minutes - minutes) * (quantity(sample) - mean);
    variance += (sample.minutes - minutes) ** 2;
  }
  const slope = covariance / variance;
  let offLine = 0;
  for (const sample of warm) {
    offLine += (quantity(sample) - mean - slope * (sample.minutes - minutes)) ** 2;
  }
  const error = Math.sqrt(offLine / (warm.length - 2) / variance);
  const percentPerHour = (60 * 100) / mean;
  return { percent: slope * percentPerHour, plusMinus: 2 * error * percentPerHour };
}

/** Whether that may be called flat: it grows too much only if it does beyond all doubt. */
export function isFlat({ percent, plusMinus }: Growth, percentMax: number): boolean {
  return percent - plusMinus <= percentMax;
}

/** What is there that was not before, with nobody connected at either time; `undefined`: nothing. */
export function leftOver(before: Left, after: Left): string | undefined {
  const kinds = ["descriptors", "timers", "connections"] as const;
  const more = kinds.filter((kind) => after[kind] > before[kind]);
  if (more.length === 0) return undefined;
  return more.map((kind) => `${after[kind] - before[kind]} ${kind}`).join(", ");
}

type Left = Pick<Sample, "descriptors" | "timers" | "connections">;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
