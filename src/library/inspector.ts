import type {
  ClientFilter,
  ClientView,
  Inspection,
  SubscriptionView,
} from "../broker/inspection.js";
import { nowMs } from "../net/clock.js";
import { check, isOneOf, isString, isWhole } from "../protocol/usage.js";
import { isValidTopicFilter } from "../topic/topic-filter.js";
import { isValidTopicName } from "../topic/topic-name.js";

/** A Client as it is now. */
export interface ClientInfo extends ClientView {
  /** Since when it is connected, or offline, in ms since 1970. */
  readonly sinceMs: number;
}

/** Some Clients of a list that is read page by page. */
export interface ClientsPage {
  readonly clients: readonly ClientInfo[];
  /** Where the next page begins; `undefined`: there is none. */
  readonly next: number | undefined;
}

/** A page that is asked for. */
export interface ClientsQuery {
  /** Part of the Client Identifier, whatever its case. Default: any. */
  readonly text?: string;
  readonly state?: ClientFilter["state"];
  /** 1..1000. Default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly from?: number;
}

/** A retained message; the payload is a view. */
export interface RetainedInfo {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: number;
}

const LIMIT = 100;
const LIMIT_MAX = 1_000;
/** Sessions looked at before others have a turn: less than a millisecond of work. */
const VISITS = 5_000;
const VISITED_MAX = 2 ** 31;

const isFilter = check("a valid Topic Filter", (value) =>
  typeof value === "string" ? isValidTopicFilter(value) : false,
);
const isName = check("a valid Topic Name", (value) =>
  typeof value === "string" ? isValidTopicName(value) : false,
);

/** What a broker shows of its Clients and messages. */
export class Inspector {
  readonly #engine: Inspection;

  constructor(engine: Inspection) {
    this.#engine = engine;
  }

  /**
   * A page of the Clients that have a Session, in the order in which these began. While it looks for
   * them others have their turns, so a Client that comes or goes meanwhile may be missed or come twice.
   *
   * @throws UsageError naming what is wrong with the query.
   */
  async clients(query: ClientsQuery = {}): Promise<ClientsPage> {
    const { text = "", state, limit = LIMIT, from = 0 } = query;
    isString(text, "text");
    if (state !== undefined) isOneOf(["connected", "offline"])(state, "state");
    isWhole(1, LIMIT_MAX)(limit, "limit");
    isWhole(0, VISITED_MAX)(from, "from");
    const walk = this.#engine.clients({ text, state }, from);
    const found: ClientView[] = [];
    let hasMore = walk.next(VISITS, limit, found);
    while (hasMore && found.length < limit) {
      await new Promise((resolve) => setImmediate(resolve));
      hasMore = walk.next(VISITS, limit, found);
    }
    return { clients: found.map(withTime), next: hasMore ? walk.position : undefined };
  }

  /** One Client; `undefined`: it is not connected and has no Session. */
  client(clientId: string): ClientInfo | undefined {
    isString(clientId, "clientId");
    const view = this.#engine.client(clientId);
    return view && withTime(view);
  }

  /** What a Client is subscribed to. */
  subscriptionsOf(clientId: string): readonly SubscriptionView[] {
    isString(clientId, "clientId");
    return this.#engine.subscriptionsOf(clientId);
  }

  /** Who gets what is published under a Topic Name, by which of their Topic Filters. */
  subscribersOf(topicName: string, limit = LIMIT): readonly SubscriptionView[] {
    isName(topicName, "topicName");
    isWhole(1, LIMIT_MAX)(limit, "limit");
    return this.#engine.subscribersOf(topicName, limit);
  }

  /** Retained messages whose names a Topic Filter matches, and whether there are, or may be, more. */
  retained(
    topicFilter: string,
    limit = LIMIT,
  ): { readonly messages: readonly RetainedInfo[]; readonly hasMore: boolean } {
    isFilter(topicFilter, "topicFilter");
    isWhole(1, LIMIT_MAX)(limit, "limit");
    return this.#engine.retained(topicFilter, limit);
  }
}

/** The engine has a clock of its own. */
function withTime(view: ClientView): ClientInfo {
  return { ...view, sinceMs: Date.now() - (nowMs() - view.sinceMs) };
}
