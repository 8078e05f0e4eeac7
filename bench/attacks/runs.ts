/** What is spoken at the port that is flooded. */
export const DOORS = ["tcp", "tls", "ws", "wss"] as const;
export type Door = (typeof DOORS)[number];

/** One attack in one size, through one door. */
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
  /** The way in of attackers and innocent pair. */
  readonly door: Door;
}

function run(attack: string, times = 1, crowd = 0): Run {
  const size = times + crowd / 1_000;
  const name = size === 1 ? attack : `${attack}x${size}`;
  return { name, attack, times, crowd, isFlood: false, door: "tcp" };
}

/** The same through each of these doors: `I01`, `I01-tls`. */
function flood(attack: string, doors: readonly Door[]): Run[] {
  return doors.map((door) => {
    const name = door === "tcp" ? attack : `${attack}-${door}`;
    return { name, attack, times: 1, crowd: 0, isFlood: true, door };
  });
}

const EACH: readonly Door[] = ["tcp", "tls", "ws"];

/** In the order of the report. */
export const RUNS: readonly Run[] = [
  ...[run("T1"), run("T1", 10), run("T1", 18, 82_000)],
  ...[run("T2"), run("T3"), run("T4"), run("T5")],
  ...[run("T6"), run("T6", 3), run("T7"), run("T8"), run("T9")],
  ...[...flood("I01", EACH), ...flood("I02", EACH), ...flood("I03", EACH)],
  // TLS handshakes: the innocent pair is elsewhere, at the same port, or at one with HTTP behind it.
  ...[...flood("K11", ["tcp", "tls", "wss"]), ...flood("M02", EACH)],
];
