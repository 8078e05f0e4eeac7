import type {
  ClientAnswer,
  ClientDetailsAnswer,
  EventAnswer,
  OptionAnswer,
  RetainedAnswer,
  SubscriberAnswer,
} from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import type { Reloaded } from "../../server/config-reload.js";
import type { ApiClient } from "./api-client.js";
import { listText, tableText, timeText } from "./table.js";

/** What a command is asked with. */
export interface Asked {
  readonly api: ApiClient;
  /** For programs: what the API answers, a JSON value a line. */
  readonly json: boolean;
  readonly out: (line: string) => void;
}

/** The most items of a list that is asked for at once. */
const PAGE = 1_000;

/** Everything of a list, page by page, but no more than that. */
async function all<T>(
  api: ApiClient,
  path: string,
  key: "clients" | "messages" | "subscriptions",
  query: Readonly<Record<string, string | undefined>>,
  most: number,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const limit = String(Math.min(PAGE, most - items.length));
    type Page = { readonly [name in typeof key]?: readonly T[] } & { readonly next?: string };
    const page = await api.read<Page>(path, { ...query, limit, cursor });
    items.push(...(page[key] ?? []));
    cursor = page.next;
  } while (cursor !== undefined && items.length < most);
  return items;
}

/** Rows for people, or the values themselves for programs. */
function show<T extends object>(
  { json, out }: Asked,
  items: readonly T[],
  headings: readonly string[],
  row: (item: T) => readonly (string | number | boolean | undefined)[],
): void {
  if (json) for (const item of items) out(JSON.stringify(item));
  else out(tableText(headings, items.map(row)));
}

export async function listClients(
  asked: Asked,
  q: string | undefined,
  { state, most }: { readonly state?: string | undefined; readonly most: number },
): Promise<void> {
  const clients = await all<ClientAnswer>(asked.api, "/clients", "clients", { q, state }, most);
  const headings = [
    "CLIENT",
    "CONNECTED",
    "USER",
    "ADDRESS",
    "SINCE",
    "SUBS",
    "QUEUED",
    "IN FLIGHT",
  ];
  show(asked, clients, headings, (client) => [
    ...[client.clientId, client.connected, client.username, client.remoteAddress],
    timeText(client.connectedAtMs ?? client.disconnectedAtMs),
    ...[client.subscriptionCount, client.queuedMessages, client.inFlight],
  ]);
}

export async function showClient({ api, json, out }: Asked, clientId: string): Promise<void> {
  const client = await api.read<ClientDetailsAnswer>(`/clients/${encodeURIComponent(clientId)}`);
  if (json) return out(JSON.stringify(client));
  const { subscriptions, trace, ...facts } = client;
  out(
    listText(
      Object.entries(facts).map(([name, value]) => [
        name.replace(/AtMs$/, "At"),
        name.endsWith("AtMs") ? timeText(Number(value)) : value,
      ]),
    ),
  );
  if (subscriptions.length > 0) {
    const rows = subscriptions.map(({ topicFilter, grantedQos }) => [topicFilter, grantedQos]);
    out(`\n${tableText(["TOPIC FILTER", "QOS"], rows)}`);
  }
  if (trace.length > 0) {
    const rows = trace.map(({ atMs, kind, words }) => [timeText(atMs), kind, words]);
    out(`\n${tableText(["TIME", "WHAT", "WORDS"], rows)}`);
  }
}

export async function kick({ api, out }: Asked, clientId: string): Promise<void> {
  await api.delete(`/clients/${encodeURIComponent(clientId)}`);
  out(`disconnected ${visible(clientId)}`);
}

/** What becomes of the message; it throws when that is nothing good. */
export async function send(
  { api, json, out }: Asked,
  clientId: string,
  message: object,
): Promise<void> {
  const path = `/clients/${encodeURIComponent(clientId)}/messages`;
  const { outcome } = await api.post<{ outcome: string }>(path, message);
  out(json ? JSON.stringify({ outcome }) : outcome);
}

export async function publish({ api, out }: Asked, message: object): Promise<void> {
  await api.post("/messages", message);
  out("published");
}

export async function showQueue(
  { api, json, out }: Asked,
  clientId: string,
  isCleared: boolean,
): Promise<void> {
  const path = `/sessions/${encodeURIComponent(clientId)}/queue`;
  if (isCleared) {
    const { dropped } = await api.delete<{ dropped: number }>(path);
    return out(json ? JSON.stringify({ dropped }) : `dropped ${dropped}`);
  }
  const queue = await api.read<Record<string, number>>(path);
  out(json ? JSON.stringify(queue) : listText(Object.entries(queue)));
}

export async function endSession({ api, out }: Asked, clientId: string): Promise<void> {
  await api.delete(`/sessions/${encodeURIComponent(clientId)}`);
  out(`ended the session of ${visible(clientId)}`);
}

export async function listRetained(asked: Asked, filter: string, most: number): Promise<void> {
  const path = "/retained";
  const messages = await all<RetainedAnswer>(asked.api, path, "messages", { filter }, most);
  show(asked, messages, ["TOPIC", "QOS", "BYTES"], ({ topicName, qos, payloadBytes }) => [
    ...[topicName, qos, payloadBytes],
  ]);
}

export async function forget({ api, out }: Asked, topicName: string): Promise<void> {
  await api.delete(`/retained/${encodeURIComponent(topicName)}`);
  out(`nothing is retained on ${visible(topicName)} any more`);
}

export async function listSubscriptions(
  asked: Asked,
  query: Readonly<Record<"topic" | "filter" | "clientId", string | undefined>>,
  most: number,
): Promise<void> {
  const path = "/subscriptions";
  const found = await all<SubscriberAnswer>(asked.api, path, "subscriptions", query, most);
  show(asked, found, ["CLIENT", "TOPIC FILTER", "QOS"], (one) => [
    ...[one.clientId, one.topicFilter, one.grantedQos],
  ]);
}

/** Lines of what happens, until the server ends, or whoever reads has enough. */
export async function tail(
  { api, json, out }: Asked,
  query: Readonly<Record<"client" | "kind", string | undefined>>,
): Promise<void> {
  for await (const event of api.follow("/events", query)) {
    const { atMs, kind, words, clientId } = event as EventAnswer; // as the document says
    const text = [timeText(atMs), clientId ?? "-", `${kind}:`, words].join(" ");
    out(json ? JSON.stringify(event) : visible(text));
  }
}

/** The log, from its last lines on. */
export async function tailLog({ api, json, out }: Asked): Promise<void> {
  for await (const line of api.follow("/log")) {
    const { atMs, level, text } = line as { atMs: number; level: string; text: string };
    out(json ? JSON.stringify(line) : visible(`${timeText(atMs)} ${level} ${text}`));
  }
}

/** Every option, or those with a text in their name. */
export async function showConfig(asked: Asked, text = ""): Promise<void> {
  const { options } = await asked.api.read<{ options: readonly OptionAnswer[] }>("/config");
  const wanted = options.filter(({ path }) => path.toLowerCase().includes(text.toLowerCase()));
  if (wanted.length === 0) throw new Error(`no option has ${visible(text)} in its name`);
  show(asked, wanted, ["OPTION", "VALUE", "FROM"], ({ path, value, source }) => [
    ...[path, value, source],
  ]);
}

export async function reload({ api, json, out }: Asked): Promise<void> {
  const done = await api.post<Reloaded>("/reload");
  const { reloadedText } = await import("../../server/config-reload.js");
  out(json ? JSON.stringify(done) : reloadedText(done));
}

/** Counters that are not nothing; those that have several kinds with the kind behind a point. */
export async function showStats({ api, json, out }: Asked): Promise<void> {
  const stats = await api.read<object>("/stats");
  if (json) return out(JSON.stringify(stats));
  const entries = Object.entries(stats).flatMap(([name, value]): [string, number][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([kind, count]) => [`${name}.${kind}`, Number(count)])
      : [[name, Number(value)]],
  );
  out(listText(entries.filter(([, value]) => value !== 0)));
}
