import type { Rule } from "../permissions/rule.js";
import { isValidTopicFilter } from "../topic/topic-filter.js";

/** What somebody may do, as credentials say it: nothing else, whatever holds for others. */
export interface Grants {
  /** Topic Filters. */
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  /** Whom it may send to: `{parent}/{clientId}`, where `+` is any. */
  readonly sendTo?: readonly string[] | undefined;
}

/** A list has no more: each costs something at every SUBSCRIBE. */
const GRANTS_MAX = 1_000;

const PUBLISH = ["publish", "retain"] as const;
const SUBSCRIBE = ["subscribe", "receive"] as const;
const SEND = ["sendTo", "receipt"] as const;

/**
 * Grants out of something that was parsed: a JWT's claims, an answer to a question.
 *
 * @returns `undefined` where it says nothing of grants, `"malformed"` where it cannot be understood.
 */
export function grantsFrom(claims: object): Grants | "malformed" | undefined {
  const { publish, subscribe, sendTo } = claims as Readonly<Record<keyof Grants, unknown>>;
  if (publish === undefined && subscribe === undefined && sendTo === undefined) return undefined;
  const isFine =
    isListOf(publish, isValidTopicFilter) &&
    isListOf(subscribe, isValidTopicFilter) &&
    isListOf(sendTo, isAddress);
  return isFine ? { publish, subscribe, sendTo } : "malformed";
}

/**
 * Grants as rules for the permissions: the first one that fits decides, so that nothing of these
 * verbs is left to the rules for everybody. `$` topics apart: those are denied where nobody allows them.
 */
export function rulesFrom({ publish = [], subscribe = [], sendTo = [] }: Grants): readonly Rule[] {
  return [
    ...(publish.length > 0 ? [{ allow: "any", do: PUBLISH, topic: publish } as const] : []),
    ...(subscribe.length > 0 ? [{ allow: "any", do: SUBSCRIBE, topic: subscribe } as const] : []),
    ...sendTo.map((address): Rule => {
      const [parent = "", to = ""] = address.split("/");
      return { allow: "any", do: SEND, parent, to };
    }),
    { deny: "any", do: [...PUBLISH, ...SUBSCRIBE], topic: ["#"] },
    { deny: "any", do: SEND, parent: "+", to: "+" },
  ];
}

function isListOf(
  value: unknown,
  isFine: (text: string) => boolean,
): value is readonly string[] | undefined {
  if (value === undefined) return true;
  if (!Array.isArray(value) || value.length > GRANTS_MAX) return false;
  return value.every((one) => typeof one === "string" && isFine(one));
}

/** Two levels, each a name or `+`. */
function isAddress(text: string): boolean {
  return isValidTopicFilter(text) && /^[^/#]+\/[^/#]+$/.test(text);
}
