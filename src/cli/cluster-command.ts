import { Command } from "commander";
import { visible } from "../log/escape.js";
import type { Lines } from "../server/run-server.js";
import type { ClusterAnswer } from "./ctl/answers.js";
import { type ApiAddress, ApiClient } from "./ctl/api-client.js";
import { listText, tableText } from "./ctl/table.js";

const URL_DEFAULT = "http://127.0.0.1:18083";
const TOKEN_FILE_DEFAULT = "beeline-data/admin-token";

type Asked = ApiAddress & { readonly json?: boolean };

/** `beeline cluster`: asks a node about all of them, by its admin API. */
export function clusterCommand(lines: Lines): Command {
  const cluster = new Command("cluster")
    .description("ask a node of a cluster about all nodes")
    .option("--url <url>", "where the admin port of the node is", URL_DEFAULT)
    .option("--token-file <file>", "file with its token", TOKEN_FILE_DEFAULT)
    .option("--json", "for programs: JSON");
  const api = (): ApiClient => new ApiClient(cluster.opts<ApiAddress>());
  const isJson = (): boolean => cluster.opts<Asked>().json === true;
  cluster
    .command("status")
    .description("which nodes there are, and how they do; exit code 1 when this one does not serve")
    .action(async () => {
      const state = await api().read<ClusterAnswer>("/cluster");
      lines.out(isJson() ? JSON.stringify(state) : stateText(state));
      if (!state.isServing) throw new Error(`node ${visible(state.nodeName)} does not serve now`);
    });
  cluster
    .command("where")
    .description("which node has a client")
    .argument("<id>", "a client identifier")
    .action(async (id: string) => {
      const place = await api().read<{ nodeName: string }>(
        `/cluster/clients/${encodeURIComponent(id)}`,
      );
      lines.out(isJson() ? JSON.stringify(place) : visible(place.nodeName));
    });
  return cluster;
}

function stateText({ nodes, ...state }: ClusterAnswer): string {
  const headings = ["NODE", "CLIENTS", "FILTERS", "SILENT MS", "UNSENT BYTES", "QUEUED"];
  const rows = nodes.map((node) => [
    ...[node.isThis ? `${node.name} *` : node.name, node.clients, node.filters],
    ...[Math.round(node.silentMs), node.unsentBytes, node.queuedMessages],
  ]);
  const facts = listText([
    ["this node (*) serves", state.isServing],
    ["order log, ms", Math.round(state.lagMs * 10) / 10],
    ["messages without a place", state.waitingMessages],
    ["connects that wait", state.waitingConnects],
  ]);
  return `${tableText(headings, rows)}\n\n${facts}`;
}
