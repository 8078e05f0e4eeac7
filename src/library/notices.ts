import type { Broker } from "../broker/broker.js";
import { ownBytes } from "../local/message-to-publish.js";
import { nowMs } from "../net/clock.js";
import type { Identity } from "../ports/policy.js";
import {
  check,
  checkArgument,
  isObject,
  isOneOf,
  isTextOrBytes,
  required,
  type Shape,
} from "../protocol/usage.js";
import { discouragedCharacter, isValidTopicName } from "../topic/topic-name.js";

/** A word to one connection. */
export interface NoticeToClient {
  readonly topicName: string;
  /** A string goes as UTF-8. Default: empty. */
  readonly payload?: string | Uint8Array;
}

/** What else happens with a notice. */
export interface NoticeOptions {
  /** The connection is closed behind it, for this reason. Default: it goes on. */
  readonly hangUp?: "kicked" | "credentials-expired" | undefined;
}

/** Strict also where such characters are accepted: it is written as a packet of its own. [M11] */
const isNoticeTopic = check(
  "1 to 65,535 bytes of UTF-8 without + #, control characters and noncharacters",
  (value) =>
    typeof value === "string" &&
    isValidTopicName(value) &&
    discouragedCharacter(value) === undefined,
);
const SHAPE: Shape<NoticeToClient> = { topicName: required(isNoticeTopic), payload: isTextOrBytes };
const OPTIONS: Shape<NoticeOptions> = { hangUp: isOneOf(["kicked", "credentials-expired"]) };

/**
 * Sends to one connection at QoS 0, whatever its Client subscribes to and whatever waits for it: not to
 * whoever connects later with the same identifier, and it is not kept. Inside a hook or a listener it
 * goes out, and closes, in the same turn: nothing that the Client has sent behind counts.
 *
 * @param client - As hooks and events have shown it.
 * @returns whether it was sent; `undefined` when that is known only after the turn under way.
 * @throws UsageError naming the field, its value and what is allowed.
 */
export type Notify = (
  client: Identity,
  notice: NoticeToClient,
  options?: NoticeOptions,
) => boolean | undefined;

/**
 * Notices of a broker.
 *
 * @param inTurn - Runs what starts a turn: now, or when the loop is free.
 */
export function notifier(
  engine: Pick<Broker, "inTurn" | "notify">,
  inTurn: (call: () => void) => void,
): Notify {
  return (client, notice, options = {}) => {
    isObject(client, "client");
    checkArgument(notice, SHAPE, "notice");
    checkArgument(options, OPTIONS, "options");
    const { topicName, payload = "" } = notice;
    const whole = { topicName, payload: ownBytes(payload, "payload"), hangUp: options.hangUp };
    if (engine.inTurn) return engine.notify(client, whole, nowMs());
    let isSent: boolean | undefined;
    inTurn(() => {
      isSent = engine.notify(client, whole, nowMs());
    });
    return isSent;
  };
}
