import type { ListenerOptions, TransportChoice } from "../library/listener-rows.js";
import { defaultsOf } from "../options/check.js";
import { UsageError } from "../protocol/errors.js";
import { nameOf, type Sources } from "./config/source-name.js";
import { isLoopback } from "./loopback.js";
import { type GivenOptions, SERVER_ROWS } from "./option-table.js";
import type { RuleFiles } from "./rules-file.js";

/** One place where Clients connect, and what it was chosen by. */
export interface ServerListener {
  readonly options: ListenerOptions;
  /** What chooses its port or file, for messages: a flag, or a key of the file. */
  readonly chosenBy: string;
  /** Files with rules for those who come in there; `undefined`: the server's hold for them, too. */
  readonly rules?: RuleFiles | undefined;
}

type ListenersGiven = Pick<
  GivenOptions,
  "host" | "port" | "transport" | "webSocket" | "tls" | "secureWebSocket" | "unix" | "listeners"
>;

const SERVER = defaultsOf(SERVER_ROWS);

/**
 * Where the server listens: what the list says, and what the flags for single ones say besides. Plain
 * TCP at its usual port is there unless something else is asked for and it is not; WebSocket alone
 * does not count, which is mostly wanted beside it.
 *
 * @throws UsageError for options that need others, naming their flags.
 */
export function listenersFrom(
  given: ListenersGiven,
  sources: Sources = new Map(),
): readonly ServerListener[] {
  const { webSocket, tls, secureWebSocket, unix, listeners = [] } = given;
  const { host = SERVER.host, port = SERVER.port, transport = SERVER.transport } = given;
  checkTogether(given, sources);
  const found: ServerListener[] = [];
  if (hasPlainPort(given)) {
    const options = { type: "tcp", host, port, transport } as const;
    found.push({ options, chosenBy: "--port" });
  }
  if (webSocket?.port !== undefined) {
    const options = { ...webSocket, type: "ws", host } as const;
    found.push({ options, chosenBy: "--ws-port" });
  }
  if (tls?.port !== undefined) {
    const options = { ...tlsFrom(tls), type: "tls", host, port: tls.port } as const;
    found.push({ options, chosenBy: "--tls-port" });
  }
  if (secureWebSocket?.port !== undefined) {
    const { port: _, ...rest } = webSocket ?? {};
    const options = {
      ...tlsFrom(tls),
      ...rest,
      type: "wss",
      host,
      port: secureWebSocket.port,
    } as const;
    found.push({ options, chosenBy: "--wss-port" });
  }
  if (unix !== undefined) found.push({ options: { type: "unix", path: unix }, chosenBy: "--unix" });
  return [...found, ...listeners.map((listed, at) => fromList(listed, at, transport))];
}

/** Whether plain TCP is listened for at `port`: it was asked for, or nothing else was. */
export function hasPlainPort(given: ListenersGiven): boolean {
  const { port, tls, secureWebSocket, unix, listeners = [] } = given;
  const isAlone = [tls?.port, secureWebSocket?.port, unix].every((one) => one === undefined);
  return port !== undefined || (isAlone && listeners.length === 0);
}

type Listed = NonNullable<ListenersGiven["listeners"]>[number];

function fromList(
  { rulesFile, aclFile, ...listed }: Listed,
  at: number,
  transport: TransportChoice,
): ServerListener {
  const options = listed.type === "tcp" ? { transport, ...listed } : listed;
  const hasRules = rulesFile !== undefined || aclFile !== undefined;
  return {
    options,
    chosenBy: options.type === "unix" ? `listeners[${at}].path` : `listeners[${at}].port`,
    ...(hasRules && { rules: { rulesFile, aclFile } }),
  };
}

/** What makes no sense without a port. */
function checkTogether(
  { webSocket, tls, secureWebSocket }: ListenersGiven,
  sources: Sources,
): void {
  const hasSecure = tls?.port !== undefined || secureWebSocket?.port !== undefined;
  if (
    webSocket !== undefined &&
    webSocket.port === undefined &&
    secureWebSocket?.port === undefined
  ) {
    throw lack("webSocket", sources, {
      byFlags: "--ws-path and --ws-origins need --ws-port <number>",
      byKeys: "webSocket.path and webSocket.origins need webSocket.port",
    });
  }
  if (tls !== undefined && !hasSecure) {
    throw lack("tls", sources, {
      byFlags: "--tls-cert and the other flags for TLS need --tls-port or --wss-port <number>",
      byKeys: "tls.cert and the others of tls need tls.port or secureWebSocket.port",
    });
  }
  if (hasSecure && (tls?.cert === undefined || tls.key === undefined)) {
    const [flag, group] = tls?.port === undefined ? WSS_PORT : TLS_PORT;
    throw lack(group, sources, {
      byFlags: `${flag} needs --tls-cert <file> and --tls-key <file>`,
      byKeys: `${group}.port needs tls.cert and tls.key, names of files`,
    });
  }
}

const TLS_PORT = ["--tls-port", "tls"] as const;
const WSS_PORT = ["--wss-port", "secureWebSocket"] as const;

/** What is missing, in the spelling of what was given; and where that stands, if in a file. */
function lack(
  group: string,
  sources: Sources,
  words: { readonly byFlags: string; readonly byKeys: string },
): UsageError {
  for (const [option, source] of sources) {
    if (option.group === group && source.kind === "file") {
      return new UsageError(`${source.name}: ${words.byKeys}`);
    }
  }
  return new UsageError(words.byFlags);
}

function tlsFrom({ cert = "", key = "", ca, clientCert }: NonNullable<GivenOptions["tls"]> = {}) {
  return {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    ...(clientCert !== undefined && { clientCertificate: clientCert }),
  };
}

interface Exposure {
  readonly allowAnonymous: boolean;
  /** Whether anybody checks user names and passwords. */
  readonly hasCredentials: boolean;
  readonly sources?: Sources;
}

/**
 * Nobody may reach the server from elsewhere without credentials, unless somebody has said so. [H13]
 *
 * @throws UsageError naming the listener and what would allow it.
 */
export function checkExposure(
  listeners: readonly ServerListener[],
  { allowAnonymous, hasCredentials, sources = new Map() }: Exposure,
): void {
  if (allowAnonymous) return;
  for (const { options, chosenBy } of listeners) {
    if (!isOpen(options, hasCredentials) || options.anonymous === "accept") continue;
    const host = options.type === "unix" ? "" : (options.host ?? SERVER.host);
    const byHost = `${nameOf("host", sources)} ${host}`;
    const what = chosenBy.startsWith("--") ? byHost : `${chosenBy} on ${host}`;
    throw new UsageError(
      `${what} is refused: everybody who reaches this address could connect, because no ` +
        "credentials are configured. --allow-anonymous allows it",
    );
  }
}

/** Whether it lets in whoever can reach it from another machine. */
function isOpen(options: ListenerOptions, hasCredentials: boolean): boolean {
  if (hasCredentials || options.type === "unix" || isLoopback(options.host ?? SERVER.host))
    return false;
  return !("clientCertificate" in options) || options.clientCertificate !== "required";
}
