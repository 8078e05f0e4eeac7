import { z } from "@hono/zod-openapi";
import { unknownKey } from "../protocol/unknown-key.js";
import { isValidBase64 } from "./base64.js";
import { parent, text, topicFilter, topicName } from "./texts.js";

/** What the API takes and gives. The OpenAPI document is made from these, and requests are held to them. */

const WHOLE = /^\d{1,16}$/;
/** The longest there is names a client and a topic filter, with a length in front, in Base64. */
const CURSOR_CHARS_MAX = Math.ceil(((2 * 65_535 + 6) * 4) / 3);
const CLIENT_IDS_MAX = 100;
const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MAX = 60_000;

/** An object with these keys alone: another one is named, with the nearest that there is. */
export function exact<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const [key = ""] = issue.keys as readonly string[];
      return unknownKey(key, Object.keys(shape)).message;
    },
  });
}

/** A whole number in a query. */
function wholeText(least: number, most: number, description: string) {
  const allowed = `allowed: whole numbers from ${least} to ${most}`;
  return z
    .string()
    .regex(WHOLE, allowed)
    .transform(Number)
    .refine((value) => value >= least && value <= most, allowed)
    .openapi({ type: "integer", minimum: least, maximum: most, description });
}

const count = z.int().min(0);
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]).openapi({
  ...{ type: "integer", enum: [0, 1, 2], description: "Quality of Service" },
});
const time = z.number().openapi({ description: "In ms since 1970." });

/** What every list takes. */
export const PAGE = {
  cursor: z
    .string()
    .max(CURSOR_CHARS_MAX)
    .regex(/^[\w-]*$/, "allowed: `next` of the page before")
    .optional()
    .openapi({ description: "`next` of the page before. Default: the first page." }),
  limit: wholeText(1, 1_000, "The most items of a page. Default 100.").optional(),
};
export const NEXT = z.string().optional().openapi({
  description:
    "The `cursor` of the next page; without it this was the last one. A page may hold less than its limit, even nothing, and not be the last.",
});

export const HistoryQuery = exact({
  after: wholeText(
    ...([0, Number.MAX_SAFE_INTEGER] as const),
    "Only what was measured later, in ms since 1970. Default: all of the last 15 minutes.",
  ).optional(),
});

export const ClientsQuery = exact({
  ...PAGE,
  state: z.enum(["connected", "disconnected"]).optional(),
  q: text("Only clients with this text in their identifier or user name.").optional(),
});

export const SubscriptionsQuery = exact({
  ...PAGE,
  filter: topicFilter("Only subscriptions to this very topic filter.").optional(),
  topic: topicName("Only those that are given messages on this topic.").optional(),
  clientId: text("Only those of this client.").optional(),
});

export const RetainedQuery = exact({
  ...PAGE,
  filter: topicFilter(
    "Only topics that this topic filter matches. Default: all, those below $ too.",
  ).optional(),
});

export const TraceQuery = exact({ client: text("A client identifier.") });

/** What can happen to a client, and to the server itself. */
export const EVENT_KINDS = [
  ...(["connected", "disconnected", "refused", "subscribed", "unsubscribed"] as const),
  ...(["denied", "dropped", "store-failing", "store-recovered"] as const),
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const EventsQuery = exact({
  client: text("Only what happens to this client.").optional(),
  kind: z.enum(EVENT_KINDS).optional().openapi({ description: "Only events of this kind." }),
});

export const Subscription = z
  .object({ topicFilter: z.string(), grantedQos: qos })
  .openapi("Subscription");

export const Subscriber = Subscription.extend({ clientId: z.string() }).openapi("Subscriber");

const QUEUE = {
  queuedMessages: count.openapi({ description: "Accepted for it and not sent yet." }),
  queuedBytes: count,
  inFlight: count.openapi({ description: "Sent at QoS 1 or 2 and not acknowledged yet." }),
  inFlightMax: count,
};

export const Client = z
  .object({
    clientId: z.string(),
    connected: z.boolean(),
    username: z.string().optional(),
    remoteAddress: z
      .string()
      .optional()
      .openapi({ description: "Absent while it is not connected, as the next three." }),
    listener: z.string().optional(),
    keepAliveSeconds: count.optional(),
    channelId: z.string().optional().openapi({ description: "Of its connection: 32 hex digits." }),
    connectedAtMs: time.optional(),
    disconnectedAtMs: time.optional(),
    cleanSession: z.boolean(),
    subscriptionCount: count,
    ...QUEUE,
  })
  .openapi("Client");

export const Clients = z.object({ clients: z.array(Client), next: NEXT }).openapi("Clients");

export const TraceEntry = z
  .object({ atMs: time, kind: z.string(), words: z.string() })
  .openapi("TraceEntry");

export const Trace = z.object({ entries: z.array(TraceEntry) }).openapi("Trace");

export const Session = z
  .object({
    ...{ clientId: z.string(), connected: z.boolean(), cleanSession: z.boolean() },
    hasWill: z.boolean(),
    ...QUEUE,
    inboxMessages: count.openapi({
      description: "Of the queued messages those that wait outside its session: point-to-point.",
    }),
    subscriptions: z.array(Subscription),
  })
  .openapi("Session");

export const ClientDetails = Client.extend({
  ...Session.pick({ hasWill: true, inboxMessages: true, subscriptions: true }).shape,
  trace: z.array(TraceEntry).openapi({ description: "What happened to it, oldest first." }),
}).openapi("ClientDetails");

export const Queue = z
  .object({ ...QUEUE, inboxMessages: Session.shape.inboxMessages })
  .openapi("Queue");

export const Dropped = z.object({ dropped: count }).openapi("Dropped");

export const ClientIds = exact({
  clientIds: z.array(z.string()).min(1).max(CLIENT_IDS_MAX),
}).openapi("ClientIds");

export const FoundClients = z
  .object({
    clients: z.array(Client),
    unknown: z.array(z.string()).openapi({ description: "Neither connected nor with a session." }),
  })
  .openapi("FoundClients");

const PAYLOAD = {
  payload: z.string().optional().openapi({ description: "Text; or:" }),
  payloadBase64: z
    .string()
    .refine(isValidBase64, "allowed: Base64, with its padding")
    .optional()
    .openapi({ format: "byte", description: "Bytes." }),
};

/** Whether a message has one payload; without this the document would not say less. */
function hasOnePayload(body: { payload?: string | undefined; payloadBase64?: string | undefined }) {
  return (body.payload === undefined) !== (body.payloadBase64 === undefined);
}
const ONE_PAYLOAD = "give either payload or payloadBase64";
const EITHER = { oneOf: [{ required: ["payload"] }, { required: ["payloadBase64"] }] };

export const DirectMessage = exact({
  parent: parent("First level of the address {parent}/p2p/{clientId}."),
  ...PAYLOAD,
  qos: qos.default(1),
  confirm: z.boolean().default(false).openapi({
    description: "Whether to wait for the receiver's acknowledgement.",
  }),
  timeoutMs: z.int().min(1).max(TIMEOUT_MS_MAX).default(TIMEOUT_MS),
  topicName: topicName("Topic shown to the receiver instead of the address.").optional(),
})
  .refine(hasOnePayload, ONE_PAYLOAD)
  .openapi("DirectMessage", EITHER);

export const Outcome = z
  .object({ outcome: z.enum(["delivered", "sent", "queued"]) })
  .openapi("Outcome");

export const PublishedMessage = exact({
  topicName: topicName("Where it is published."),
  ...PAYLOAD,
  qos: qos.default(0),
  retain: z.boolean().default(false),
})
  .refine(hasOnePayload, ONE_PAYLOAD)
  .openapi("PublishedMessage", EITHER);

export const Retained = z
  .object({ topicName: z.string(), qos, payloadBytes: count })
  .openapi("Retained");

export const RetainedMessage = Retained.extend({
  payloadBase64: z.string().openapi({ format: "byte" }),
}).openapi("RetainedMessage");

export const RetainedPage = z
  .object({ messages: z.array(Retained), next: NEXT })
  .openapi("RetainedPage");

export const Subscribers = z
  .object({ subscriptions: z.array(Subscriber), next: NEXT })
  .openapi("Subscribers");

export const Server = z
  .object({
    version: z.string().openapi({ example: "1.0.0" }),
    nodeName: z.string().optional().openapi({
      description: "What it is called as a node of a cluster; without one, it is alone.",
    }),
  })
  .openapi("Server");

export const Stats = z
  .looseObject({
    sessions: count,
    connections: count,
    messagesReceived: count,
    messagesSent: count,
  })
  .openapi("Stats", { description: "Counters since the start, and gauges of now." });

export const History = z
  .object({
    intervalSeconds: z.number(),
    times: z.array(time),
    series: z.record(z.string(), z.array(z.number().nullable())),
  })
  .openapi("History", { description: "Column by column: each series is as long as `times`." });

export const Config = z
  .object({
    options: z.array(
      z.object({
        ...{ path: z.string(), value: z.string(), source: z.string() },
        ...{ isDefault: z.boolean(), about: z.string() },
      }),
    ),
  })
  .openapi("Config", { description: "Every option as it holds now; secrets are masked." });

export const Reloaded = z
  .object({ changed: z.array(z.string()).readonly(), needRestart: z.array(z.string()).readonly() })
  .openapi("Reloaded");

export const Token = exact({ token: z.string().max(1_000) }).openapi("Token");

export const SignedIn = z.object({ signedIn: z.boolean() }).openapi("SignedIn");

export const ProblemBody = z
  .looseObject({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .openapi("Problem", { description: "What went wrong (RFC 9457). `type` is stable." });
