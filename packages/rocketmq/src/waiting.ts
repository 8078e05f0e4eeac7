/** Pauses between tries: the first one, doubled each time up to the longest. */
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/** The pause before the next try, after so many that failed in a row. */
export function pauseMs(failures: number): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (failures - 1));
}

/** Pauses that end early when nobody has to wait any more. */
export class Pauses {
  readonly #ends = new Set<() => void>();
  #isOver = false;

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#after(ms, resolve));
  }

  /** As the function {@link inTime}, and with the same error as soon as the pauses end. */
  async inTime<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
    promise.catch(ignore); // too late for anybody to look at
    let forget = ignore;
    const late = new Promise<never>((_, reject) => {
      forget = this.#after(ms, () => reject(new Error(words)));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      forget();
    }
  }

  /** @returns what forgets it. */
  #after(ms: number, then: () => void): () => void {
    if (this.#isOver) {
      then();
      return ignore;
    }
    const forget = (): void => {
      clearTimeout(timer);
      this.#ends.delete(end);
    };
    const end = (): void => {
      forget();
      then();
    };
    const timer = setTimeout(end, ms);
    this.#ends.add(end);
    return forget;
  }

  /** Ends all, and those to come. */
  end(): void {
    this.#isOver = true;
    for (const end of this.#ends) end();
  }
}

/** @throws Error with these words when it takes longer. What was waited for goes on unseen. */
export async function inTime<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  promise.catch(ignore); // too late for anybody to look at
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(words)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

export function ignore(): void {}
