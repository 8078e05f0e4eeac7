import { ownBytes } from "../local/message-to-publish.js";
import type { HookMessage, Identity, MessageChange, Policy } from "../ports/policy.js";
import { checkArgument, isBoolean, isQos, isTextOrBytes, type Shape } from "../protocol/usage.js";
import {
  type HookHost,
  ignoreOutcome,
  isThenable,
  later,
  promised,
  reasonOf,
  tooLate,
  wrongAnswer,
} from "./guards.js";
import { isTopicName } from "./messages.js";
import type { Hooks, MessageHookChange } from "./options.js";

const SHAPE: Shape<MessageHookChange> = {
  topicName: isTopicName,
  payload: isTextOrBytes,
  qos: isQos,
  retain: isBoolean,
};

const ALLOWED =
  '"drop", undefined, or an object with topicName, payload, qos and retain, each of which may be left out';

/** `onMessage` that cannot throw: a message it fails for, or answers wrongly for, is dropped. [M06] */
export function guardedOnMessage(
  hook: NonNullable<Hooks["onMessage"]>,
  host: Pick<HookHost, "error" | "checkTopicName">,
): NonNullable<Policy["onMessage"]> {
  return (message, from) => {
    try {
      const answer: unknown = hook(message, from);
      if (answer === undefined || answer === "drop") return answer;
      const change = changeFrom(answer);
      if (change.topicName !== undefined) host.checkTopicName(change.topicName);
      return change;
    } catch (error) {
      host.error(error);
      return "drop";
    }
  };
}

/** `onServerMessage` that cannot throw: what it fails for goes to nobody. [M06] */
export function guardedOnServerMessage(
  hook: NonNullable<Hooks["onServerMessage"]>,
  host: Pick<HookHost, "error">,
): NonNullable<Policy["onServerMessage"]> {
  return (message, from) => {
    try {
      const answer: unknown = hook(message, from);
      if (typeof answer === "boolean") return answer;
      ignoreOutcome(answer);
      host.error(wrongAnswer("onServerMessage", answer, "true or false"));
    } catch (error) {
      host.error(error);
    }
    return false;
  };
}

/** @throws UsageError for what is no change. */
function changeFrom(answer: unknown): MessageChange {
  if (isThenable(answer) || typeof answer !== "object" || answer === null) {
    ignoreOutcome(answer);
    throw wrongAnswer("onMessage", answer, ALLOWED);
  }
  checkArgument(answer as MessageHookChange, SHAPE, "the answer of onMessage"); // key by key
  const { payload, ...change } = answer as MessageHookChange; // checked
  if (payload === undefined) return change;
  const bytes = typeof payload === "string" ? ownBytes(payload, "payload") : payload;
  return { ...change, payload: bytes };
}

/**
 * `forward` that cannot throw: where it fails, at once or later, the publisher is closed without an
 * acknowledgement. [MQTT-4.8.0-2]
 */
export function guardedForward(
  hook: NonNullable<Hooks["forward"]>,
  host: HookHost,
): NonNullable<Policy["forward"]> {
  return (message, from, owe) => {
    const answer = answerOf(hook, message, from);
    if (answer === undefined) return;
    if (answer instanceof Failed) {
      host.error(answer.reason);
      owe().fail(answer.reason);
      return;
    }
    let isOpen = true;
    const obligation = owe(() => {
      isOpen = false;
      host.error(tooLate("forward"));
    });
    promised(answer).then(
      () => later(host, () => obligation.settle()),
      (error: unknown) => {
        const reason = reasonOf("forward", error);
        if (isOpen) host.error(reason);
        later(host, () => obligation.fail(reason));
      },
    );
  };
}

class Failed {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function answerOf(
  hook: NonNullable<Hooks["forward"]>,
  message: HookMessage,
  from: Identity,
): PromiseLike<unknown> | Failed | undefined {
  try {
    const answer: unknown = hook(message, from);
    if (answer === undefined || isThenable(answer)) return answer;
    return new Failed(wrongAnswer("forward", answer, "undefined or a promise"));
  } catch (error) {
    return new Failed(reasonOf("forward", error));
  }
}
