import { Command, InvalidArgumentError, Option } from "commander";
import type { ClusterAnswer } from "../admin/answers.js";
import { visible } from "../log/escape.js";
import type { Lines } from "../server/run-server.js";
import { addApiFlags, addressOf } from "./admin-place.js";
import { ApiClient } from "./ctl/api-client.js";
import { drain } from "./ctl/drain.js";
import { listText, tableText } from "./ctl/table.js";

/** `beeline cluster`: asks a node about all of them, by its admin API. */
export function clusterCommand(lines: Lines): Command {
  const cluster = new Command("cluster").description("ask a node of a cluster about all nodes");
  addApiFlags(cluster, "for programs: JSON");
  const api = async (): Promise<ApiClient> => new ApiClient(await addressOf(cluster));
  const isJson = (): boolean => cluster.opts<{ json?: boolean }>().json === true;
  cluster
    .command("status")
    .description("which nodes there are, and how they do; exit code 1 when this one does not serve")
    .action(async () => {
      const state = await (await api()).read<ClusterAnswer>("/cluster");
      lines.out(isJson() ? JSON.stringify(state) : stateText(state));
      if (!state.isServing) throw new Error(`node ${visible(state.nodeName)} does not serve now`);
    });
  cluster
    .command("where")
    .description("which node has a client")
    .argument("<id>", "a client identifier")
    .action(async (id: string) => {
      const place = await (await api()).read<{ nodeName: string }>(
        `/cluster/clients/${encodeURIComponent(id)}`,
      );
      lines.out(isJson() ? JSON.stringify(place) : visible(place.nodeName));
    });
  cluster
    .command("drain")
    .description(
      "empty a node and stop it: clients are closed, and their sessions go to the other nodes; " +
        "exit code 1 when some were not handed over",
    )
    .addOption(
      new Option("--timeout-s <s>", "how long it may take, in seconds")
        .argParser(seconds)
        .default(60),
    )
    .action(async ({ timeoutS }: { timeoutS: number }) =>
      drain({ api: await api(), json: isJson(), out: (line) => lines.out(line) }, timeoutS),
    );
  return cluster;
}

const SECONDS_MAX = 3_600;

/** @throws InvalidArgumentError */
function seconds(text: string): number {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value > 0 && value <= SECONDS_MAX) return value;
  throw new InvalidArgumentError(`Allowed: whole numbers from 1 to ${SECONDS_MAX}.`);
}

function nameOf({
  name,
  isThis,
  isLeaving,
  standsIn = false,
  adopter,
}: ClusterAnswer["nodes"][number]): string {
  const at = adopter === undefined ? "" : ` at ${visible(adopter)}`;
  const state = standsIn || at !== "" ? ` (stand-in${at})` : isLeaving ? " (leaving)" : "";
  return `${name}${isThis ? " *" : ""}${state}`;
}

function stateText({ nodes, ...state }: ClusterAnswer): string {
  const headings = ["NODE", "CLIENTS", "FILTERS", "SILENT MS", "UNSENT BYTES", "QUEUED"];
  const rows = nodes.map((node) => [
    ...[nameOf(node), node.clients, node.filters],
    ...[Math.round(node.silentMs), node.unsentBytes, node.queuedMessages],
  ]);
  const facts = listText([
    ["this node (*) serves", state.isServing],
    ["order log, ms", Math.round(state.lagMs * 10) / 10],
    ["messages without a place", state.waitingMessages],
    ["connects that wait", state.waitingConnects],
    ["sessions on their way", state.handovers.underWay],
    ["sessions handed over", state.handovers.left],
    ["sessions taken over", state.handovers.arrived],
    ["sessions not moved", state.handovers.failed],
    ["nodes it stands in for", state.adoptions.underWay],
    ["nodes it has stood in for", state.adoptions.done],
    ["not, or not to the end", state.adoptions.failed],
    ["sessions of these given away", state.adoptions.sessions],
    ["retained messages, ms", Math.round(state.retained.lagMs * 10) / 10],
    ["retained topics that wait", state.retained.waitingTopics],
    ["retained topics not waited for", state.retained.overdue],
  ]);
  return `${tableText(headings, rows)}\n\n${facts}`;
}
