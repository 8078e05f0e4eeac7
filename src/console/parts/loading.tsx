import { useEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../api/http.js";

/** What an answer has come to. */
export interface Loaded<T> {
  /** The last answer; `undefined`: none yet. */
  readonly value: T | undefined;
  /** Why the last attempt failed. */
  readonly error: string | undefined;
  readonly isLoading: boolean;
  /** Asks again. */
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string;
  readonly value: T | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
}

/**
 * Asks the server when a key changes, and every so often. An answer that comes after a later question
 * is forgotten.
 *
 * @param everyMs - 0: only when the key changes. Nothing is asked while the page is out of sight.
 */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  everyMs = 0,
): Loaded<T> {
  const [state, setState] = useState<State<T>>({
    ...{ key, value: undefined, error: undefined, isLoading: true },
  });
  const [asked, setAsked] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const tell = (value: T): void => setState({ key, value, error: undefined, isLoading: false });
    const fail = (error: unknown): void =>
      setState((before) => ({
        ...{ key, error: wordsOf(error), isLoading: false },
        value: before.key === key ? before.value : undefined,
      }));
    setState((before) => ({ ...before, isLoading: true }));
    return repeat(
      (signal) => latest.current(signal).then(known(signal, tell), known(signal, fail)),
      everyMs,
    );
  }, [key, everyMs, asked]);
  const { value, error, isLoading } = state;
  return { value, error, isLoading, reload: () => setAsked((count) => count + 1) };
}

/** What is told unless nobody waits for it any more. */
function known<A>(signal: AbortSignal, tell: (told: A) => void): (told: A) => void {
  return (told) => {
    if (!signal.aborted) tell(told);
  };
}

/** Calls now, and again a while after each call has ended. @returns what ends it. */
function repeat(call: (signal: AbortSignal) => Promise<void>, everyMs: number): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const go = async (): Promise<void> => {
    if (!document.hidden) await call(stop.signal);
    if (everyMs > 0 && !stop.signal.aborted) timer = setTimeout(go, everyMs);
  };
  void go();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
