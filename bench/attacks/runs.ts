/** One attack in one size. */
export interface Run {
  readonly name: string;
  /** As `npm run attack --only` knows it. */
  readonly attack: string;
  /** Multiplies all its numbers of connections, filters and messages. */
  readonly times: number;
  /**
   * So many more receivers are in the server's process, where it can have them: a process has only so
   * many descriptors.
   */
  readonly crowd: number;
  /** By peers that are never let in: the server asks who connects, and speaks TLS, too. */
  readonly isFlood: boolean;
}

function run(attack: string, times = 1, crowd = 0): Run {
  const size = times + crowd / 1_000;
  const name = size === 1 ? attack : `${attack}x${size}`;
  return { name, attack, times, crowd, isFlood: !attack.startsWith("T") };
}

/** In the order of the report. */
export const RUNS: readonly Run[] = [
  ...[run("T1"), run("T1", 10), run("T1", 18, 82_000)],
  ...[run("T2"), run("T3"), run("T4"), run("T5")],
  ...[run("T6"), run("T6", 3), run("T7"), run("T8"), run("T9")],
  ...[run("I01"), run("I02"), run("I03"), run("K11"), run("M02")],
];
