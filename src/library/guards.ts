import type { Pending, Permission, Tell } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import { shown } from "../protocol/usage.js";

/** What the guarded hooks need from the broker around them. */
export interface HookHost {
  nowMs(): number;
  /** A hook threw, or answered with something else than it should. */
  error(error: unknown): void;
  /** A turn was started by a late answer. */
  afterCall(): void;
  /** @throws UsageError for a Topic Name that may not be sent to Clients. [M11] */
  checkTopicName(topicName: string): void;
}

/** A hook that must answer at once: only a plain yes is a yes, and it cannot throw. [M06] */
export function guardedAtOnce<A>(
  name: string,
  hook: (a: A) => boolean,
  host: Pick<HookHost, "error">,
): (a: A) => boolean {
  return (a) => {
    try {
      const answer: unknown = hook(a);
      if (typeof answer === "boolean") return answer;
      ignoreOutcome(answer);
      host.error(wrongAnswer(name, answer, "true or false"));
    } catch (error) {
      host.error(error);
    }
    return false;
  };
}

/**
 * A permission that may be answered at once or later. Only a plain yes in time is a yes, and it
 * cannot throw: then nobody can tell. [M06] An answer at once allocates nothing.
 */
export function guarded<A, B, C>(
  name: string,
  hook: (a: A, b: B, c: C) => boolean | PromiseLike<boolean>,
  host: HookHost,
): (a: A, b: B, c: C) => Permission | Pending<Permission> {
  return (a, b, c) => {
    try {
      const answer: unknown = hook(a, b, c);
      if (typeof answer === "boolean") return answer;
      if (isThenable(answer)) return new LateAnswer(name, answer, host);
      host.error(wrongAnswer(name, answer, "true, false or a promise of one"));
    } catch (error) {
      host.error(error);
    }
    return undefined;
  };
}

/** A promise of a permission. */
class LateAnswer implements Pending<Permission> {
  readonly #name: string;
  readonly #answer: PromiseLike<unknown>;
  readonly #host: HookHost;
  #isTooLate = false;

  constructor(name: string, answer: PromiseLike<unknown>, host: HookHost) {
    this.#name = name;
    this.#answer = answer;
    this.#host = host;
  }

  whenAnswered(tell: Tell<Permission>): void {
    const host = this.#host;
    const end = (may: Permission, error?: unknown): void => {
      if (this.#isTooLate) return;
      if (error !== undefined) host.error(error);
      later(host, () => tell(may, host.nowMs()));
    };
    promised(this.#answer).then(
      (answer) => {
        if (typeof answer === "boolean") end(answer);
        else end(undefined, wrongAnswer(this.#name, answer, "true or false"));
      },
      (error: unknown) => end(undefined, reasonOf(this.#name, error)),
    );
  }

  tooLate(): void {
    this.#isTooLate = true;
    this.#host.error(tooLate(this.#name));
  }
}

/** Why a hook failed. Nothing may be thrown, or rejected with: that is no success. */
export function reasonOf(name: string, error: unknown): unknown {
  return error ?? new Error(`${name} failed without an error`);
}

/** Runs what a late answer starts; nothing that is thrown there may become an unhandled rejection. */
export function later(host: HookHost, call: () => void): void {
  try {
    call();
  } catch (error) {
    host.error(error);
  }
  host.afterCall();
}

/** What the `error` listeners are told of a hook that took too long. */
export function tooLate(name: string): Error {
  return new Error(`${name} has not answered within limits.hookTimeoutMs`);
}

/** What the `error` listeners are told of a hook that answered with something else. */
export function wrongAnswer(name: string, answer: unknown, allowed: string): UsageError {
  const given = isThenable(answer) ? "a promise" : shown(answer);
  return new UsageError(`${name} answered ${given}; allowed: ${allowed}`);
}

/** A promise where none may be: its rejection must not end the process. */
export function ignoreOutcome(answer: unknown): void {
  if (isThenable(answer)) promised(answer).catch(() => undefined);
}

/**
 * A foreign promise as one of ours. That may call back twice, or at once, or throw when it is looked
 * at: this one does none of it.
 */
export function promised(foreign: PromiseLike<unknown>): Promise<unknown> {
  return new Promise((resolve) => resolve(foreign)); // Promise.resolve looks at more of it, and throws
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
