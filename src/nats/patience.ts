import type { LogWriter } from "../replica/log-writer.js";
import { StoreError } from "../store/store-error.js";

/** Between two looks whether anything was taken. */
const LOOK_MS = 50;

/**
 * Does what appends to the log at a start, and gives it up when NATS takes nothing for so long: a writer
 * by itself tries on for ever, which is right for a server that runs, not for one that is to start.
 *
 * @param name - Of the replica.
 * @throws StoreError that says so; whatever `work` does. The writer is of no use then.
 */
export async function whileTaken<T>(
  writer: LogWriter,
  name: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T> {
  let { last } = writer;
  let takenMs = performance.now();
  let isGivenUp = false;
  const look = setInterval(() => {
    const now = performance.now();
    if (writer.last !== last) {
      last = writer.last;
      takenMs = now;
    } else if (now - takenMs >= patienceMs) {
      isGivenUp = true;
      writer.close(); // what is under way ends with its next answer, or for want of one
    }
  }, LOOK_MS);
  try {
    const result = await work();
    // It was told to end: what it cannot do at once would be an error from now on.
    if (isGivenUp && !(result instanceof Error)) throw new Error("its answer came too late");
    if (isGivenUp) throw result;
    return result;
  } catch (error) {
    if (!isGivenUp) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      `the replica ${name} has taken nothing for ${patienceMs / 1_000} s (${why}): do most of the NATS servers run, ` +
        "and see each other?",
    );
  } finally {
    clearInterval(look);
  }
}
