import { Command, InvalidArgumentError, Option } from "commander";
import { isOrigin } from "../library/listening.js";
import { isLoopback } from "../server/loopback.js";
import type { Lines } from "../server/run-server.js";
import type { ServerConfig } from "../server/start-server.js";
import { PointToPoint } from "../topic/point-to-point.js";
import { boundHeapGrowth } from "./heap-growth.js";
import { limitOptions, limitsFrom } from "./limit-flags.js";
import { type LogFlags, logConfigFrom, logOptions } from "./log-flags.js";

/** What `beeline start` was told, as commander names it. */
interface StartFlags extends LogFlags, Readonly<Record<string, unknown>> {
  readonly host: string;
  readonly port: number;
  readonly wsPort?: number;
  readonly wsPath?: string;
  readonly wsOrigins?: readonly string[];
  readonly allowAnonymous: boolean;
  readonly dataDir: string;
  readonly memory: boolean;
  readonly durability: "sync" | "fast";
  readonly groupMs: number;
  readonly moveDamagedStore: boolean;
  readonly p2p: boolean;
  readonly p2pParents?: readonly string[];
  readonly p2pOffline: "receiver" | "sender" | "both" | "never";
  readonly p2pMalformed: "drop" | "hang-up";
  readonly p2pMirror: boolean;
  readonly paddedLength: "accept" | "refuse";
  readonly controlCharacters: "refuse" | "accept";
  readonly dupAtQos0: "refuse" | "accept";
  readonly mqtt31: boolean;
  readonly bridges: boolean;
  readonly willOnTakeOver: boolean;
  readonly dollarTopics?: readonly string[];
}

/** `beeline start`: runs the server until a signal stops it. */
export function startCommand(lines: Lines): Command {
  const command = new Command("start")
    .description("run the broker (the default command)")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "TCP port; 0 takes any free one", portFrom, 1883)
    .option("--ws-port <number>", "port for MQTT over WebSocket (default: none)", portFrom)
    .option("--ws-path <path>", "the one WebSocket path to serve (default: every path)", pathFrom)
    .option("--ws-origins <origins...>", "web sites that may connect (default: all)", origins)
    .option("--allow-anonymous", "let everybody connect who reaches a public address", false)
    .optionsGroup("State:")
    .option(
      "--data-dir <folder>",
      "where sessions, queues and retained messages are kept",
      "beeline-data",
    )
    .option("--memory", "keep nothing: all state ends with the server", false)
    .addOption(
      choice("--durability <how>", "sync: also safe from power cuts; fast: not", ["sync", "fast"]),
    )
    .option("--group-ms <ms>", "what comes within this time shares one commit", groupMsFrom, 1)
    .option("--move-damaged-store", "keep a damaged store aside and begin with an empty one", false)
    .optionsGroup("Point-to-point:")
    .option("--no-p2p", "make {parent}/p2p/{client id} an ordinary topic")
    .option("--p2p-parents <names...>", "first levels that address clients (default: all)", parents)
    .addOption(
      choice("--p2p-offline <who>", "whose session decides that messages are kept", [
        "receiver",
        "sender",
        "both",
        "never",
      ]),
    )
    .addOption(
      choice("--p2p-malformed <what>", "what to do with such a topic", ["drop", "hang-up"]),
    )
    .option("--p2p-mirror", "pass messages on to subscribers too, for auditing", false)
    .optionsGroup("Protocol:")
    .option("--no-mqtt31", "speak MQTT 3.1.1 only, not MQTT 3.1")
    .option("--bridges", "accept the bridge bit of the protocol level", false)
    .option("--no-will-on-take-over", "keep the will back when the same client connects again")
    .option("--dollar-topics <prefixes...>", "$ topics that clients may publish to", dollarTopics)
    .addOption(choice("--padded-length <what>", "lengths with padding", ["accept", "refuse"]))
    .addOption(choice("--control-characters <what>", "in topics", ["refuse", "accept"]))
    .addOption(choice("--dup-at-qos0 <what>", "DUP on a QoS 0 message", ["refuse", "accept"]))
    .optionsGroup("Limits:");
  for (const option of limitOptions()) command.addOption(option);
  command.optionsGroup("Log (to standard error):");
  for (const option of logOptions()) command.addOption(option);
  command.action(async (flags: StartFlags) => {
    if (!flags.allowAnonymous && !isLoopback(flags.host)) {
      command.error(
        `error: option '--host <address>' argument '${flags.host}' is refused: everybody who reaches ` +
          "this address could connect, because no credentials are configured. --allow-anonymous allows it.",
      );
    }
    if (flags.wsPort === undefined && (flags.wsPath ?? flags.wsOrigins) !== undefined) {
      command.error("error: --ws-path and --ws-origins need --ws-port <number>");
    }
    boundHeapGrowth();
    const { runServer } = await import("../server/run-server.js");
    await runServer(configFrom(flags), lines, logConfigFrom(flags, process.stderr.isTTY === true));
  });
  return command;
}

function configFrom(flags: StartFlags): ServerConfig {
  const { host, port } = flags;
  return {
    host,
    port,
    webSocket: webSocketFrom(flags),
    store: flags.memory ? undefined : storeFrom(flags),
    broker: {
      limits: limitsFrom(flags),
      pointToPoint: {
        enabled: flags.p2p,
        offline: flags.p2pOffline,
        malformed: flags.p2pMalformed,
        mirror: flags.p2pMirror,
        ...(flags.p2pParents && { parents: flags.p2pParents }),
      },
      paddedLength: flags.paddedLength,
      controlCharacters: flags.controlCharacters,
      dupAtQos0: flags.dupAtQos0,
      mqtt31: flags.mqtt31,
      bridges: flags.bridges,
      willOnTakeOver: flags.willOnTakeOver,
      ...(flags.dollarTopics && { dollarTopics: flags.dollarTopics }),
    },
  };
}

function storeFrom(flags: StartFlags): ServerConfig["store"] {
  const { dataDir, durability, groupMs, moveDamagedStore } = flags;
  return { path: dataDir, durability, groupMs, moveDamaged: moveDamagedStore };
}

function webSocketFrom({ wsPort, wsPath, wsOrigins }: StartFlags): ServerConfig["webSocket"] {
  if (wsPort === undefined) return undefined;
  return {
    port: wsPort,
    ...(wsPath !== undefined && { path: wsPath }),
    ...(wsOrigins !== undefined && { origins: wsOrigins }),
  };
}

/** An option with few values; the first is the default. */
function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

/** One more parent of point-to-point topics. [G16] */
function parents(name: string, before: readonly string[] = []): readonly string[] {
  const all = [...before, name];
  try {
    new PointToPoint(true, all);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return all;
}

function dollarTopics(prefix: string, before: readonly string[] = []): readonly string[] {
  if (prefix.startsWith("$")) return [...before, prefix];
  throw new InvalidArgumentError("Allowed are beginnings of topics that start with $.");
}

function pathFrom(text: string): string {
  if (text.startsWith("/")) return text;
  throw new InvalidArgumentError("Allowed are paths that start with /.");
}

function origins(text: string, before: readonly string[] = []): readonly string[] {
  if (isOrigin(text)) return [...before, text];
  throw new InvalidArgumentError("Allowed are origins like https://example.com.");
}

function groupMsFrom(text: string): number {
  const groupMs = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (groupMs >= 1 && groupMs <= 1_000) return groupMs;
  throw new InvalidArgumentError("Allowed are whole numbers from 1 to 1000.");
}

function portFrom(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Allowed are whole numbers from 0 to 65535.");
}
