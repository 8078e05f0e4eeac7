import { useEffect, useState } from "preact/hooks";
import type { ClientAnswer } from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { ago, bytes, whole } from "../format.js";
import { useConsole } from "../parts/console-context.js";
import { Choice } from "../parts/fields.js";
import { useLoaded } from "../parts/loading.js";
import { Pager } from "../parts/pager.js";
import { SearchBox } from "../parts/search-box.js";
import { type Column, OrNone, Table } from "../parts/table.js";
import { Empty, Failure } from "../parts/words.js";
import { hashOf } from "../route.js";

const PAGE_SIZE = 50;
const EVERY_MS = 5_000;
const STATES = { "": "All clients", connected: "Connected", disconnected: "Offline" } as const;
type StateChoice = keyof typeof STATES;

/** All clients, page by page: search, and filter by state. */
export function Clients() {
  const { api, route } = useConsole();
  const { q = "", state = "" } = route.query;
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const { value, error, isLoading, reload } = useLoaded(
    `${q}\n${state}\n${cursor}`,
    (signal) => api.clients({ q, state, cursor, limit: PAGE_SIZE }, signal),
    EVERY_MS,
  );
  useEffect(() => {
    document.title = "Clients · Beeline";
  }, []);
  const search = (query: Readonly<Record<string, string>>): void => {
    setCursors([]);
    location.replace(hashOf({ page: "clients", query: { q, state, ...query } }));
  };
  return (
    <div class="stack">
      <search class="filters">
        <SearchBox
          label="Search by identifier or user"
          placeholder="Part of an identifier or user name"
          value={q}
          onSearch={(text) => search({ q: text })}
        />
        <Choice<StateChoice>
          label="State"
          isLabelSeen={false}
          value={state as StateChoice}
          choices={STATES}
          onChange={(chosen) => search({ state: chosen })}
        />
        {isLoading && value !== undefined && <span class="muted">Loading …</span>}
      </search>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {value !== undefined && (
        <section class="card" aria-label="Clients">
          {value.clients.length === 0 ? (
            <NoClients isFiltered={q !== "" || state !== ""} />
          ) : (
            <Table columns={COLUMNS} rows={value.clients} keyOf={({ clientId }) => clientId} />
          )}
          <Pager
            label="Pages of the list"
            cursors={cursors}
            next={value.next}
            onTurn={setCursors}
          />
        </section>
      )}
    </div>
  );
}

function NoClients({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No client matches">
      Look for a shorter part of its identifier, or in every state.
    </Empty>
  ) : (
    <Empty title="No client yet">
      Connect one, or try two in the <a href={hashOf({ page: "playground" })}>playground</a>.
    </Empty>
  );
}

const COLUMNS: readonly Column<ClientAnswer>[] = [
  {
    title: "Client",
    cell: ({ clientId }) => (
      <a href={hashOf({ page: "clients", item: clientId })}>{visible(clientId)}</a>
    ),
  },
  { title: "State", cell: (client) => <ClientStateMark client={client} /> },
  {
    title: "User",
    look: "wide",
    cellLook: "break",
    cell: ({ username }) => <OrNone>{username && visible(username)}</OrNone>,
  },
  {
    title: "Address",
    look: "wide",
    cellLook: "mono",
    cell: ({ remoteAddress }) => <OrNone>{remoteAddress}</OrNone>,
  },
  {
    title: "Since",
    look: "wide",
    cellLook: "one-line",
    cell: (client) => <Since client={client} nowMs={Date.now()} />,
  },
  {
    title: "Subscriptions",
    look: "number wide",
    cell: ({ subscriptionCount }) => whole(subscriptionCount),
  },
  { title: "In flight", look: "number wide", cell: ({ inFlight }) => whole(inFlight) },
  {
    title: "Waiting",
    look: "number",
    cell: ({ queuedMessages }) => whole(queuedMessages),
    cellTitle: ({ queuedBytes }) => bytes(queuedBytes),
  },
];

/** Whether a client is there. */
export function ClientStateMark({ client }: { client: Pick<ClientAnswer, "connected"> }) {
  const { connected: isConnected } = client;
  return (
    <span class={`state ${isConnected ? "good" : ""}`}>
      {isConnected ? "connected" : "offline"}
    </span>
  );
}

/** How long it has been connected, or offline. */
export function Since({ client, nowMs }: { client: ClientAnswer; nowMs: number }) {
  const sinceMs = client.connectedAtMs ?? client.disconnectedAtMs;
  return <span class="muted">{sinceMs === undefined ? "–" : ago(sinceMs, nowMs)}</span>;
}
