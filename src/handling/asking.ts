import type { Identity, Pending, Permission } from "../ports/policy.js";
import type { DenialReason } from "../ports/refusals.js";
import type { SubscriptionRequest } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { StopReason } from "../state/reading.js";
import type { Task } from "../state/task.js";
import { doEach, goOnLater } from "./many-filters.js";
import { askPermissions } from "./waiting.js";

/** Of each request of a SUBSCRIBE, why it is denied; `undefined`: it is not. */
export type Denials = readonly (DenialReason | undefined)[];

/** One that is asked for, and what comes of it. */
export interface Asking {
  readonly identity: Identity;
  readonly requests: readonly SubscriptionRequest[];
  /** Why nobody need be asked. */
  readonly denialOf: (topicFilter: string) => DenialReason | undefined;
  /**
   * All is known.
   *
   * @param isLate - Whether it is an other turn than the one the packet was taken in.
   * @returns what is left for later turns.
   */
  readonly take: (denials: Denials, isLate: boolean) => Task | undefined;
  /** The same behind answers that came later: what was owed is nobody else's to send. [M5] */
  readonly tookLate: () => void;
}

/**
 * Asks the policy for each request of a SUBSCRIBE, in order: as many as the turn may do, the others in
 * later turns, and goes on with the last answer. Nothing is granted before. [M21] [T2]
 */
export function askForEach(core: Core, connection: Connection, asking: Asking): void {
  const { identity, requests, denialOf } = asking;
  const { maySubscribe } = core.policy;
  const denials: (DenialReason | undefined)[] = [];
  const answers: (Permission | Pending<Permission>)[] = [];
  doEach(core, connection, {
    count: requests.length,
    act: (at) => {
      const { topicFilter, requestedQos } = requests[at] as SubscriptionRequest; // below their number
      const denial = denialOf(topicFilter);
      denials.push(denial);
      const isAsked = denial === undefined && maySubscribe !== undefined;
      answers.push(
        isAsked ? maySubscribe(identity, topicFilter, requestedQos) : denial === undefined,
      );
    },
    end: (_, isLate) => goOnWhenKnown(core, connection, asking, { denials, answers, isLate }),
  });
}

interface Asked {
  readonly denials: Denials;
  readonly answers: readonly (Permission | Pending<Permission>)[];
  readonly isLate: boolean;
}

/** @returns what is left for later turns. */
function goOnWhenKnown(
  core: Core,
  connection: Connection,
  { take, tookLate }: Asking,
  { denials, answers, isLate }: Asked,
): Task | undefined {
  if (answers.every((answer) => typeof answer !== "object")) {
    return take(withAnswers(denials, answers), isLate);
  }
  let rest: Task | undefined;
  let isAtOnce = true;
  askPermissions(core, connection, StopReason.HOOK, answers, (known) => {
    const task = take(withAnswers(denials, known), isAtOnce && isLate);
    if (isAtOnce) {
      rest = task;
      return;
    }
    goOnLater(core, connection, task);
    tookLate();
  });
  isAtOnce = false;
  return rest;
}

/** What is denied, for which reason, once the policy has answered. [M21] */
function withAnswers(denials: Denials, answers: readonly (Permission | object)[]): Denials {
  return denials.map((denial, at) => denial ?? (answers[at] === true ? undefined : "not-allowed"));
}
