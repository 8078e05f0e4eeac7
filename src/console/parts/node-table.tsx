import type { ClusterNodeAnswer } from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { bytes, duration, whole } from "../format.js";
import { type Column, Table } from "./table.js";

/** Beats are a second apart: whoever is silent for longer than this is worth a look. */
const SILENT_MS = 5_000;

const COLUMNS: readonly Column<ClusterNodeAnswer>[] = [
  {
    title: "Node",
    cell: ({ name, isThis }) => (
      <>
        {visible(name)} {isThis && <span class="tag">this one</span>}
      </>
    ),
  },
  { title: "State", cell: (node) => <NodeState node={node} /> },
  { title: "Clients", look: "number", cell: ({ clients }) => whole(clients) },
  { title: "Topic filters", look: "number wide", cell: ({ filters }) => whole(filters) },
  {
    title: "Without credit",
    look: "number wide",
    about: "Sent to it, and not done with there",
    cell: ({ isThis, unsentBytes }) => (isThis ? "–" : bytes(unsentBytes)),
  },
  {
    title: "Waiting",
    look: "number wide",
    about: "Messages that wait here for it",
    cell: ({ isThis, queuedMessages }) => (isThis ? "–" : whole(queuedMessages)),
  },
];

/** The nodes of a cluster, one in each row. */
export function NodeTable({ nodes }: { nodes: readonly ClusterNodeAnswer[] }) {
  const byName = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  return <Table columns={COLUMNS} rows={byName} keyOf={({ node }) => node} />;
}

function NodeState({ node }: { node: ClusterNodeAnswer }) {
  const { isLeaving, silentMs, standsIn, adopter } = node;
  const at = adopter === undefined ? "" : visible(adopter);
  if (silentMs > SILENT_MS) {
    const silent = `silent for ${duration(silentMs / 1_000)}`;
    return <span class="state bad">{at === "" ? silent : `${silent}: ${at} takes over`}</span>;
  }
  if (standsIn) {
    return <span class="state warn">{at === "" ? "stand-in" : `stand-in, at ${at}`}</span>;
  }
  if (isLeaving) return <span class="state warn">leaving</span>;
  return <span class="state good">well</span>;
}
