import type { z } from "@hono/zod-openapi";
import type * as cluster from "./cluster-schemas.js";
import type * as bridge from "./rocketmq-schema.js";
import type * as schemas from "./schemas.js";

/**
 * What the API answers, for programs of ours that ask it: the console and `beeline ctl`. Made from the
 * schemas that `docs/openapi.json` is made from; types alone, so that whoever imports them loads nothing.
 */

type Read<T> = T extends readonly (infer I)[]
  ? readonly Read<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Read<T[K]> }
    : T;
type Answer<S extends z.ZodType> = Read<z.output<S>>;

export type ClientAnswer = Answer<typeof schemas.Client>;
export type ClientsAnswer = Answer<typeof schemas.Clients>;
export type ClientDetailsAnswer = Answer<typeof schemas.ClientDetails>;
export type TraceEntryAnswer = Answer<typeof schemas.TraceEntry>;
/** A line of the stream of events. */
export type EventAnswer = TraceEntryAnswer & { readonly clientId?: string | undefined };
export type SubscriptionAnswer = Answer<typeof schemas.Subscription>;
export type SubscriberAnswer = Answer<typeof schemas.Subscriber>;
export type RetainedAnswer = Answer<typeof schemas.Retained>;
export type RetainedPageAnswer = Answer<typeof schemas.RetainedPage>;
export type ReloadedAnswer = Answer<typeof schemas.Reloaded>;
export type OptionAnswer = Answer<typeof schemas.Config>["options"][number];
export type ClusterAnswer = Answer<typeof cluster.ClusterState>;
export type ClusterNodeAnswer = ClusterAnswer["nodes"][number];
export type ClusterClientsAnswer = Answer<typeof cluster.ClusterClients>;
export type DrainAnswer = Answer<typeof cluster.ClusterDrain>;
export type RocketMqAnswer = NonNullable<Answer<typeof bridge.RocketMqState>["bridge"]>;
