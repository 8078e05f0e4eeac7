import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Lines } from "../server/run-server.js";
import { type ApiAddress, ApiClient } from "./ctl/api-client.js";
import {
  type Asked,
  endSession,
  forget,
  kick,
  listClients,
  listRetained,
  listSubscriptions,
  publish,
  send,
  showClient,
  showQueue,
  showStats,
  tail,
  tailLog,
} from "./ctl/commands.js";

const URL_DEFAULT = "http://127.0.0.1:18083";
const TOKEN_FILE_DEFAULT = "beeline-data/admin-token";
const MOST_DEFAULT = 1_000;

const ID = new Argument("<id>", "a client identifier");
const most = new Option("--most <n>", "no more than that many")
  .argParser(whole)
  .default(MOST_DEFAULT);
const qos = new Option("--qos <qos>", "Quality of Service").choices(["0", "1", "2"]).default("1");
const base64 = new Option("--base64", "the payload is Base64: for bytes");

/** `beeline ctl`: asks a running server, and tells it what to do, by its admin API. */
export function ctlCommand(lines: Lines): Command {
  const ctl = new Command("ctl")
    .description("ask a running server who is connected and what waits; send, disconnect, clear")
    .option("--url <url>", "where its admin port is", URL_DEFAULT)
    .option("--token-file <file>", "file with its token", TOKEN_FILE_DEFAULT)
    .option("--json", "for programs: JSON, a value a line");
  const asked = (): Asked => {
    const { json = false, ...address } = ctl.opts<ApiAddress & { json?: boolean }>();
    return { api: new ApiClient(address), json, out: (line) => lines.out(line) };
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
        if (log) await tailLog(asked());
        else await tail(asked(), { client, kind });
      },
    );
  ctl
    .command("stats")
    .description("counters since the start, and gauges of now; what is 0 is left out")
    .action(() => showStats(asked()));
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

function addClients(ctl: Command, asked: () => Asked): void {
  ctl
    .command("clients")
    .description("who is connected or has a session, in the order of identifiers")
    .argument("[text]", "only those with this in their identifier or user name")
    .addOption(new Option("--state <state>").choices(["connected", "disconnected"]))
    .addOption(most)
    .action((text: string | undefined, options: { state?: string; most: number }) =>
      listClients(asked(), text, options),
    );
  ctl
    .command("client")
    .description("one client, with its subscriptions and what happened to it")
    .addArgument(ID)
    .action((id: string) => showClient(asked(), id));
  ctl
    .command("kick")
    .description("close a client's connection; its session stays")
    .addArgument(ID)
    .action((id: string) => kick(asked(), id));
}

function addSending(ctl: Command, asked: () => Asked): void {
  ctl
    .command("send")
    .description(
      "send to one client, and say what became of it; exit code 1 when it did not arrive",
    )
    .addArgument(ID)
    .argument("<payload>")
    .requiredOption("--parent <parent>", "first level of the address {parent}/p2p/{id}")
    .option("--topic <topic>", "topic that the receiver is shown instead of the address")
    .option("--no-confirm", "do not wait for its acknowledgement")
    .addOption(
      new Option("--timeout-ms <ms>", "how long to wait for it").argParser(whole).default(10_000),
    )
    .addOption(qos)
    .addOption(base64)
    .action((id: string, payload: string, options: SendOptions) => {
      const { parent, topic, confirm, timeoutMs } = options;
      return send(asked(), id, {
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
    .action((topicName: string, payload: string, options: PublishOptions) =>
      publish(asked(), {
        ...{ topicName, qos: Number(options.qos), retain: options.retain },
        ...payloadIn(payload, options),
      }),
    );
}

function addSessions(ctl: Command, asked: () => Asked): void {
  ctl
    .command("queue")
    .description("how much waits for a client; with --clear it is dropped")
    .addArgument(ID)
    .option("--clear", "drop what waits and was not sent yet", false)
    .action((id: string, { clear }: { clear: boolean }) => showQueue(asked(), id, clear));
  ctl
    .command("end-session")
    .description("end a session with everything that waits in it; its connection is closed first")
    .addArgument(ID)
    .action((id: string) => endSession(asked(), id));
}

function addTopics(ctl: Command, asked: () => Asked): void {
  ctl
    .command("retained")
    .description("retained messages, in the order of their topics")
    .argument("[filter]", "only topics that this topic filter matches")
    .addOption(most)
    .action((filter: string | undefined, options: { most: number }) =>
      listRetained(asked(), filter, options.most),
    );
  ctl
    .command("forget")
    .description("take the retained message of a topic away")
    .argument("<topic>")
    .action((topic: string) => forget(asked(), topic));
  ctl
    .command("subscriptions")
    .description("who subscribes to what")
    .option("--topic <topic>", "only those that are given messages on this topic")
    .option("--filter <filter>", "only to this very topic filter")
    .option("--client <id>", "only those of this client")
    .addOption(most)
    .action((options: { topic?: string; filter?: string; client?: string; most: number }) => {
      const { topic, filter, client: clientId } = options;
      return listSubscriptions(asked(), { topic, filter, clientId }, options.most);
    });
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
