/** A process that works only while it is let. */
export interface Stoppable {
  readonly kill: (signal: "SIGSTOP" | "SIGCONT") => void;
}

/** Long beside a message, short beside what a neighbour of this machine does to it. */
const TURN_MS = 200;

/**
 * Lets two processes work in turns of {@link TURN_MS} until both are done, so that whatever slows the
 * machine slows both.
 *
 * @param first - Whose turn comes first: 0 or 1.
 */
export async function alternating<T>(
  processes: readonly [Stoppable, Stoppable],
  done: Promise<T>,
  first: number,
): Promise<T> {
  let turn = first;
  const swap = (): void => {
    turn = 1 - turn;
    processes[1 - turn]?.kill("SIGSTOP");
    processes[turn]?.kill("SIGCONT");
  };
  processes[1 - first]?.kill("SIGSTOP");
  const timer = setInterval(swap, TURN_MS);
  try {
    return await done;
  } finally {
    clearInterval(timer);
    for (const each of processes) each.kill("SIGCONT");
  }
}
