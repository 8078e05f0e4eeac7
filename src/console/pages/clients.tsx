import { useEffect, useState } from "preact/hooks";
import type { ClientSummary } from "../api/model.js";
import { ago, bytes, whole } from "../format.js";
import { useConsole } from "../parts/console-context.js";
import { Choice } from "../parts/fields.js";
import { useLoaded } from "../parts/loading.js";
import { SearchBox } from "../parts/search-box.js";
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
            <ClientTable clients={value.clients} />
          )}
          {(cursors.length > 0 || value.next !== undefined) && (
            <nav class="pager" aria-label="Pages of the list">
              <button
                type="button"
                disabled={cursors.length === 0}
                onClick={() => setCursors(cursors.slice(0, -1))}
              >
                Previous
              </button>
              <span>Page {cursors.length + 1}</span>
              <button
                type="button"
                disabled={value.next === undefined}
                onClick={() =>
                  setCursors(value.next === undefined ? cursors : [...cursors, value.next])
                }
              >
                Next
              </button>
            </nav>
          )}
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

function ClientTable({ clients }: { clients: readonly ClientSummary[] }) {
  const nowMs = Date.now();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Client</th>
          <th scope="col">State</th>
          <th scope="col" class="wide">
            User
          </th>
          <th scope="col" class="wide">
            Address
          </th>
          <th scope="col" class="wide">
            Since
          </th>
          <th scope="col" class="number wide">
            Subscriptions
          </th>
          <th scope="col" class="number wide">
            In flight
          </th>
          <th scope="col" class="number">
            Waiting
          </th>
        </tr>
      </thead>
      <tbody>
        {clients.map((client) => (
          <tr key={client.clientId}>
            <th scope="row">
              <a href={hashOf({ page: "clients", item: client.clientId })}>{client.clientId}</a>
            </th>
            <td>
              <ClientStateMark client={client} />
            </td>
            <td class="wide break">{client.username ?? <span class="muted">–</span>}</td>
            <td class="wide mono">{client.remoteAddress ?? <span class="muted">–</span>}</td>
            <td class="wide">
              <Since client={client} nowMs={nowMs} />
            </td>
            <td class="number wide">{whole(client.subscriptionCount)}</td>
            <td class="number wide">{whole(client.inFlight)}</td>
            <td class="number" title={bytes(client.queuedBytes)}>
              {whole(client.queuedMessages)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether a client is there. */
export function ClientStateMark({ client }: { client: Pick<ClientSummary, "connected"> }) {
  const { connected: isConnected } = client;
  return (
    <span class={`state ${isConnected ? "good" : ""}`}>
      {isConnected ? "connected" : "offline"}
    </span>
  );
}

/** How long it has been connected, or offline. */
export function Since({ client, nowMs }: { client: ClientSummary; nowMs: number }) {
  const sinceMs = client.connectedAtMs ?? client.disconnectedAtMs;
  return <span class="muted">{sinceMs === undefined ? "–" : ago(sinceMs, nowMs)}</span>;
}
