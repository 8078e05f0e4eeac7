import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { Core } from "../state/core.js";
import { matches } from "../topic/matches.js";
import { LOOKED_AT_MAX, type Page, type PageRequest } from "./page.js";

/** A retained message, without its payload. */
export interface RetainedFacts {
  readonly topicName: string;
  readonly qos: QoS;
  readonly payloadBytes: number;
}

/** The same with it. */
export interface WholeRetained extends RetainedFacts {
  /** A copy. */
  readonly payload: Uint8Array;
}

/** Which retained messages a page is to hold. */
export interface RetainedQuery extends PageRequest {
  /** Only those whose Topic Name this valid filter matches; `#` alone leaves out those below `$`. */
  readonly topicFilter: string | undefined;
}

/**
 * Retained messages in the order of their Topic Names. O(log n + {@link LOOKED_AT_MAX}); of a filter
 * only what begins with the levels before its first wildcard is looked at.
 */
export function retainedPage(core: Core, query: RetainedQuery): Page<RetainedFacts> {
  const { after = "", limit, topicFilter } = query;
  const beginning = topicFilter === undefined ? "" : literalPart(topicFilter);
  const items: RetainedFacts[] = [];
  let looked = 0;
  let last = after;
  let isPast = false;
  const isEnd = core.retained.walk(after > beginning ? after : beginning, (name, message) => {
    if (name === query.after) return true;
    isPast = !name.startsWith(beginning);
    if (isPast || items.length === limit || looked === LOOKED_AT_MAX) return false;
    looked += 1;
    last = name;
    if (topicFilter === undefined || matches(topicFilter, name)) items.push(factsOf(message));
    return true;
  });
  return { items, next: isEnd || isPast ? undefined : last };
}

/** The retained message of one topic. O(its payload). */
export function wholeRetained(core: Core, topicName: string): WholeRetained | undefined {
  const message = core.retained.get(topicName);
  return message && { ...factsOf(message), payload: message.payload.slice() };
}

function factsOf({ topicName, qos, payloadAt, payloadEnd }: Message): RetainedFacts {
  return { topicName, qos, payloadBytes: payloadEnd - payloadAt };
}

/** What every Topic Name begins with that the filter matches: `a/b` for `a/b/#`, `a/` for `a/+/c`. */
function literalPart(topicFilter: string): string {
  const at = topicFilter.search(/[+#]/);
  if (at === -1) return topicFilter;
  return topicFilter.slice(0, topicFilter[at] === "#" ? Math.max(at - 1, 0) : at);
}
