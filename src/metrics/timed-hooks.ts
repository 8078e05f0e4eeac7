import type { BrokerOptions } from "../library/options.js";

/** What is told about hooks. */
export interface HookObserver {
  /** A hook has answered after so long. */
  answered(hook: string, seconds: number): void;
  /** A send to one Client was refused. */
  sendDenied(): void;
}

const TIMED = ["authenticate", "mayPublish", "maySubscribe", "maySendToClient"] as const;

/**
 * The same options with hooks that are timed, until their late answer if they give one. A hook that is
 * not there stays away, and costs nothing.
 */
export function timedHooks(options: BrokerOptions, observer: HookObserver): BrokerOptions {
  const timed: Record<string, unknown> = {};
  for (const name of TIMED) {
    const hook = options[name] as Hook | undefined;
    if (typeof hook === "function") timed[name] = timedHook(name, hook, observer);
  }
  return { ...options, ...timed };
}

type Hook = (...asked: unknown[]) => unknown;

function timedHook(name: (typeof TIMED)[number], hook: Hook, observer: HookObserver): Hook {
  const tell = (began: number, answer: unknown): void => {
    observer.answered(name, (performance.now() - began) / 1000);
    if (name === "maySendToClient" && answer !== true) observer.sendDenied();
  };
  return (...asked) => {
    const began = performance.now();
    const answer = hook(...asked);
    if (isThenable(answer)) {
      answer.then(
        (late) => tell(began, late),
        () => tell(began, false),
      );
    } else {
      tell(began, answer);
    }
    return answer;
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
