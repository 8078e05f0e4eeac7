import { check, isOneOf, isString, isWhole, type Shape } from "../protocol/usage.js";
import { isValidTopicFilter } from "../topic/topic-filter.js";
import { isTopicName } from "./messages.js";

/** Which page of something. */
export interface PageOptions {
  /** `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
  /** The most items, 1 to 1,000. Default 100. */
  readonly limit?: number | undefined;
}

/** Which Clients. */
export interface ClientsOptions extends PageOptions {
  /** Default: all. */
  readonly state?: "connected" | "disconnected" | undefined;
  /** Only those with this text in their Client Identifier or user name, as it is. */
  readonly q?: string | undefined;
}

/** Which Subscriptions. Several choices together: those that all of them fit. */
export interface SubscriptionsOptions extends PageOptions {
  readonly clientId?: string | undefined;
  /** Only those to this very filter; `$share/{group}/{filter}`, too. */
  readonly topicFilter?: string | undefined;
  /** Only those that are given messages on this Topic Name. */
  readonly topicName?: string | undefined;
}

/** Which retained messages. */
export interface RetainedOptions extends PageOptions {
  /** Only those on topics that it matches. Default: all, those below `$` too, which `#` leaves out. */
  readonly topicFilter?: string | undefined;
}

const isTopicFilter = check(
  "Topic Filters: 1 to 65,535 bytes of UTF-8, + and # only as whole levels, # only at the end",
  (value) => typeof value === "string" && isValidTopicFilter(value),
);

const PAGE: Shape<PageOptions> = { after: isString, limit: isWhole(1, 1_000) };
export const LIMIT_DEFAULT = 100;

export const CLIENTS_SHAPE: Shape<ClientsOptions> = {
  ...PAGE,
  state: isOneOf(["connected", "disconnected"]),
  q: isString,
};

export const SUBSCRIPTIONS_SHAPE: Shape<SubscriptionsOptions> = {
  ...PAGE,
  clientId: isString,
  topicFilter: isTopicFilter,
  topicName: isTopicName,
};

export const RETAINED_SHAPE: Shape<RetainedOptions> = { ...PAGE, topicFilter: isTopicFilter };
