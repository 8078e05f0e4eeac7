import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { matches } from "../topic/matches.js";
import { shareNameOf } from "../topic/share-name.js";
import { LOOKED_AT_MAX, type Page, type PageRequest } from "./page.js";

/** Who subscribes to what. */
export interface SubscriptionFacts {
  readonly clientId: string;
  /** As the Client wrote it: `$share/{group}/{filter}`, too. */
  readonly topicFilter: string;
  readonly grantedQos: QoS;
}

/** Which Subscriptions a page is to hold. */
export interface SubscriptionQuery extends PageRequest {
  /** Only those of one Client. */
  readonly clientId: string | undefined;
  /** Only those to this very filter. */
  readonly topicFilter: string | undefined;
  /** Only those that match this Topic Name. */
  readonly topicName: string | undefined;
}

/**
 * Subscriptions in the order of Client Identifiers and, of one Client, Topic Filters. Cost: that of
 * {@link LOOKED_AT_MAX} Subscriptions, and O(m) more where one Client has more of them, m.
 */
export function subscriptionPage(core: Core, query: SubscriptionQuery): Page<SubscriptionFacts> {
  const walk = new Walk(query);
  const isEnd =
    query.clientId === undefined
      ? core.sessions.inOrder.walk(walk.start.clientId, (id, session) => walk.visit(id, session))
      : walk.visit(query.clientId, core.sessions.find(query.clientId));
  return { items: walk.items, next: isEnd ? undefined : textOf(walk.last) };
}

/** What makes one page. */
class Walk {
  readonly items: SubscriptionFacts[] = [];
  readonly start: Place;
  last: Place;
  readonly #query: SubscriptionQuery;
  #looked = 0;

  constructor(query: SubscriptionQuery) {
    this.#query = query;
    this.start = placeOf(query.after);
    this.last = this.start;
  }

  /** @returns false: the page is full. */
  visit(clientId: string, session: ClientSession | undefined): boolean {
    const { start } = this;
    const isFirst = clientId === start.clientId;
    if (isFirst && start.topicFilter === undefined) return true;
    if (this.#isFull || this.#looked >= LOOKED_AT_MAX) return false;
    this.#looked += 1;
    if (session !== undefined && !this.#take(session, isFirst ? start.topicFilter : "")) {
      return false;
    }
    this.last = { clientId, topicFilter: undefined };
    return true;
  }

  /** @returns false: there was no room for all of it. */
  #take(session: ClientSession, behind: string | undefined): boolean {
    const { clientId, subscriptions } = session;
    if (this.#query.topicFilter === undefined) this.#looked += subscriptions.size;
    for (const topicFilter of wantedOf(session, this.#query, behind)) {
      if (this.#isFull) return false;
      const grantedQos = subscriptions.get(topicFilter) as QoS; // one of its own
      this.items.push({ clientId, topicFilter, grantedQos });
      this.last = { clientId, topicFilter };
    }
    return true;
  }

  get #isFull(): boolean {
    return this.items.length === this.#query.limit;
  }
}

/** The filters of one Session that are wanted and come behind one, in order. */
function wantedOf(session: ClientSession, query: SubscriptionQuery, behind = ""): string[] {
  const { topicFilter, topicName } = query;
  const wanted: string[] = [];
  const look = (filter: string): void => {
    if (filter <= behind) return;
    if (topicName === undefined || matches(shareNameOf(filter)?.topicFilter ?? filter, topicName)) {
      wanted.push(filter);
    }
  };
  if (topicFilter === undefined) {
    for (const filter of session.subscriptions.keys()) look(filter);
  } else if (session.subscriptions.has(topicFilter)) {
    look(topicFilter);
  }
  return wanted.sort(byCodeUnits);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** Up to where a walk has come. */
interface Place {
  readonly clientId: string;
  /** `undefined`: all of this Client's were looked at. */
  readonly topicFilter: string | undefined;
}

const PART = ":";
const WHOLE = "!";

function textOf({ clientId, topicFilter }: Place): string {
  const mark = topicFilter === undefined ? WHOLE : PART;
  return `${clientId.length}${mark}${clientId}${topicFilter ?? ""}`;
}

/** What {@link textOf} has written; anything else is some place, too. */
function placeOf(text = "0:"): Place {
  const length = Number.parseInt(text, 10) || 0;
  const at = `${length}`.length;
  const idEnd = at + 1 + length;
  const topicFilter = text[at] === WHOLE ? undefined : text.slice(idEnd);
  return { clientId: text.slice(at + 1, idEnd), topicFilter };
}
