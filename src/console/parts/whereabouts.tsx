import { useState } from "preact/hooks";
import type { ClusterClientsAnswer } from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { useConsole } from "./console-context.js";
import { useLoaded } from "./loading.js";
import { Pager } from "./pager.js";
import { type Column, OrNone, Table } from "./table.js";
import { Card, Empty, Failure } from "./words.js";

const PAGE_SIZE = 20;
const EVERY_MS = 5_000;

const COLUMNS: readonly Column<ClusterClientsAnswer["clients"][number]>[] = [
  { title: "Client", cell: ({ clientId }) => visible(clientId) },
  {
    title: "User",
    look: "wide",
    cellLook: "break",
    cell: ({ username }) => <OrNone>{username && visible(username)}</OrNone>,
  },
  { title: "Node", cellLook: "break", cell: ({ nodeName }) => visible(nodeName) },
];

/** Which node has which client, page by page. */
export function Whereabouts() {
  const { api } = useConsole();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const { value, error, reload } = useLoaded(
    `whereabouts\n${cursor}`,
    (signal) => api.clusterClients(cursor, PAGE_SIZE, signal),
    EVERY_MS,
  );
  if (error !== undefined) return <Failure error={error} retry={reload} />;
  if (value === undefined) return null;
  const { clients, next } = value;
  return (
    <Card title="Who is where" isPadded={false}>
      {clients.length === 0 ? (
        <Empty title="No node has a client yet" />
      ) : (
        <Table columns={COLUMNS} rows={clients} keyOf={({ clientId }) => clientId} />
      )}
      <Pager
        label="Pages of the list of who is where"
        cursors={cursors}
        next={next}
        onTurn={setCursors}
      />
    </Card>
  );
}
