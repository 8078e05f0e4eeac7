import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Lines } from "../server/run-server.js";
import { addApiFlags, addressOf } from "./admin-place.js";
import { ApiClient } from "./ctl/api-client.js";
import {
  type Asked,
  endSession,
  forget,
  kick,
  listClients,
  listRetained,
  listSubscriptions,
  publish,
  reload,
  send,
  showClient,
  showConfig,
  showQueue,
  showStats,
  tail,
  tailLog,
} from "./ctl/commands.js";

const MOST_DEFAULT = 1_000;

const ID = new Argument("<id>", "a client identifier");
const most = new Option("--most <n>", "no more than that many")
  .argParser(whole)
  .default(MOST_DEFAULT);
const qos = new Option("--qos <qos>", "Quality of Service").choices(["0", "1", "2"]).default("1");
const base64 = new Option("--base64", "the payload is Base64: for bytes");

/** `beeline ctl`: asks a running server, and tells it what to do, by its admin API. */
export function ctlCommand(lines: Lines): Command {
  const ctl = new Command("ctl").description(
    "ask a running server who is connected and what waits; send, disconnect, clear",
  );
  addApiFlags(ctl, "for programs: JSON, a value a line");
  const asked = async (): Promise<Asked> => {
    const { json = false } = ctl.opts<{ json?: boolean }>();
    const api = new ApiClient(await addressOf(ctl));
    return { api, json, out: (line) => lines.out(line) };
  };
  addClients(ctl, asked);
  addSending(ctl, asked);
  addSessions(ctl, asked);
  addTopics(ctl, asked);
  ctl
    .command("tail")
    .description("what happens from now on; with --log the lines of the log")
    .option("--client <id>", "only to this client")
    .option("--kind <kind>", "only this, such as connected or dropped")
    .option("--log", "the log instead, from its last lines on")
    .action(
      async ({ client, kind, log }: Record<"client" | "kind" | "log", string | undefined>) => {
        if (log) await tailLog(await asked());
        else await tail(await asked(), { client, kind });
      },
    );
  ctl
    .command("stats")
    .description("counters since the start, and gauges of now; what is 0 is left out")
    .action(async () => showStats(await asked()));
  addConfiguration(ctl, asked);
  return ctl;
}

interface PayloadOptions {
  readonly qos: string;
  readonly base64?: boolean;
}
interface PublishOptions extends PayloadOptions {
  readonly retain: boolean;
}
interface SendOptions extends PayloadOptions {
  readonly parent: string;
  readonly topic?: string;
  readonly confirm: boolean;
  readonly timeoutMs: number;
}

function addClients(ctl: Command, asked: () => Promise<Asked>): void {
  ctl
    .command("clients")
    .description("who is connected or has a session, in the order of identifiers")
    .argument("[text]", "only those with this in their identifier or user name")
    .addOption(new Option("--state <state>").choices(["connected", "disconnected"]))
    .addOption(most)
    .action(async (text: string | undefined, options: { state?: string; most: number }) =>
      listClients(await asked(), text, options),
    );
  ctl
    .command("client")
    .description("one client, with its subscriptions and what happened to it")
    .addArgument(ID)
    .action(async (id: string) => showClient(await asked(), id));
  ctl
    .command("kick")
    .description("close a client's connection; its session stays")
    .addArgument(ID)
    .action(async (id: string) => kick(await asked(), id));
}

function addSending(ctl: Command, asked: () => Promise<Asked>): void {
  ctl
    .command("send")
    .description(
      "send to one client, and say what became of it; exit code 1 when it did not arrive",
    )
    .addArgument(ID)
    .argument("<payload>")
    .usage("--parent <parent> [options] <id> <payload>")
    .requiredOption("--parent <parent>", "first level of the address {parent}/p2p/{id}")
    .option("--topic <topic>", "topic that the receiver is shown instead of the address")
    .option("--no-confirm", "do not wait for its acknowledgement")
    .addOption(
      new Option("--timeout-ms <ms>", "how long to wait for it").argParser(whole).default(10_000),
    )
    .addOption(qos)
    .addOption(base64)
    .action(async (id: string, payload: string, options: SendOptions) => {
      const { parent, topic, confirm, timeoutMs } = options;
      return send(await asked(), id, {
        ...{ parent, confirm, timeoutMs, qos: Number(options.qos) },
        ...payloadIn(payload, options),
        ...(topic !== undefined && { topicName: topic }),
      });
    });
  ctl
    .command("publish")
    .description("publish a message")
    .argument("<topic>")
    .argument("<payload>")
    .option("--retain", "keep it for those who subscribe later", false)
    .addOption(qos)
    .addOption(base64)
    .action(async (topicName: string, payload: string, options: PublishOptions) =>
      publish(await asked(), {
        ...{ topicName, qos: Number(options.qos), retain: options.retain },
        ...payloadIn(payload, options),
      }),
    );
}

function addSessions(ctl: Command, asked: () => Promise<Asked>): void {
  ctl
    .command("queue")
    .description("how much waits for a client; with --clear it is dropped")
    .addArgument(ID)
    .option("--clear", "drop what waits and was not sent yet", false)
    .action(async (id: string, { clear }: { clear: boolean }) =>
      showQueue(await asked(), id, clear),
    );
  ctl
    .command("end-session")
    .description("end a session with everything that waits in it; its connection is closed first")
    .addArgument(ID)
    .action(async (id: string) => endSession(await asked(), id));
}

function addTopics(ctl: Command, asked: () => Promise<Asked>): void {
  ctl
    .command("retained")
    .description("retained messages, in the order of their topics")
    .argument(
      "[filter]",
      "only topics that this topic filter matches; '$SYS/#' for those of the server",
      "#",
    )
    .addOption(most)
    .action(async (filter: string, options: { most: number }) =>
      listRetained(await asked(), filter, options.most),
    );
  ctl
    .command("forget")
    .description("take the retained message of a topic away")
    .argument("<topic>")
    .action(async (topic: string) => forget(await asked(), topic));
  ctl
    .command("subscriptions")
    .description("who subscribes to what")
    .option("--topic <topic>", "only those that are given messages on this topic")
    .option("--filter <filter>", "only to this very topic filter")
    .option("--client <id>", "only those of this client")
    .addOption(most)
    .action(async (options: { topic?: string; filter?: string; client?: string; most: number }) => {
      const { topic, filter, client: clientId } = options;
      return listSubscriptions(await asked(), { topic, filter, clientId }, options.most);
    });
}

function addConfiguration(ctl: Command, asked: () => Promise<Asked>): void {
  ctl
    .command("config")
    .description("the configuration that holds, and where each value comes from")
    .argument("[text]", "only options with this text in their name")
    .action(async (text: string | undefined) => showConfig(await asked(), text));
  ctl
    .command("reload")
    .description("have it read its configuration and files again: all of it, or nothing")
    .action(async () => reload(await asked()));
}

function payloadIn(payload: string, { base64: isBase64 = false }: PayloadOptions): object {
  return isBase64 ? { payloadBase64: payload } : { payload };
}

/** @throws InvalidArgumentError */
function whole(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Allowed: whole numbers from 1 on.");
}
