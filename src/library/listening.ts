import { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import type { WebServer } from "../net/attached-websockets.js";
import type { ListenAddress, Listener } from "../net/listener.js";
import type { ConnectionDetails } from "../net/peer-details.js";
import { type StreamTraits, TCP_SOCKET } from "../net/stream-traits.js";
import { tcpListener } from "../net/tcp-listener.js";
import type { TurnedAway } from "../net/turned-away.js";
import type { Limits } from "../ports/limits.js";
import { UsageError } from "../protocol/errors.js";
import {
  type Check,
  check,
  checkArgument,
  hasShape,
  isListOf,
  isString,
  isWhole,
  type Shape,
  shown,
} from "../protocol/usage.js";
import { isOrigin } from "./listener-values.js";

const MIB = 1024 * 1024;
/** A browser may join very many packets in one message. */
const MESSAGE_BYTES_MAX = 16 * MIB;

/** Where to listen, and how Clients connect there. */
export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0: any free one. Default 1883, for WebSocket 8080. */
  readonly port?: number;
  /**
   * MQTT over WebSocket instead of TCP: by a listener of its own, or by `server`, an HTTP server
   * that the program has already. Default false.
   */
  readonly webSocket?: boolean | WebSocketOptions;
}

/** What a WebSocket listener asks of its peers. */
export interface WebSocketOptions {
  /**
   * An HTTP or HTTPS server of the program's own, listening or not yet. Upgrades for MQTT are
   * taken, other requests and other upgrades are left alone, by listeners of any age. Closing the
   * broker leaves the server running.
   */
  readonly server?: WebServer;
  /**
   * The one path that is served, like `/mqtt`. Default: every path, as Clients differ; with
   * `server` every upgrade that offers the subprotocol `mqtt`.
   */
  readonly path?: string;
  /**
   * Origins whose pages may connect, as browsers write them: `https://example.com`. Programs other
   * than browsers name none and may connect. Default: all.
   */
  readonly origins?: readonly string[];
  /** Bytes of one WebSocket message. Default 16 MiB, or twice `limits.packetBytesMax` if that is more. */
  readonly messageBytesMax?: number;
}

/** {@link ListenOptions} with every choice made. */
export interface Listening {
  /** Of no meaning with a `server`, which has its own. */
  readonly address: ListenAddress;
  readonly webSocket: WebSocketOptions | undefined;
}

/** @throws UsageError naming the option, its value and what is allowed. */
export function listeningFrom(options: ListenOptions): Listening {
  if (typeof options === "object" && options !== null && "server" in options) {
    throw new UsageError(
      "unknown key server: to attach MQTT over WebSocket to an HTTP server, write " +
        "listen({ webSocket: { server } })",
    );
  }
  checkArgument(options, SHAPE, "options");
  const webSocket = options.webSocket === true ? {} : options.webSocket || undefined;
  if (webSocket?.server !== undefined) checkGuest(options);
  const { host = "127.0.0.1", port = webSocket === undefined ? 1883 : 8080 } = options;
  return { address: { host, port }, webSocket };
}

/** Where a server listens is its own business. */
function checkGuest(options: ListenOptions): void {
  for (const key of ["host", "port"] as const) {
    if (options[key] === undefined) continue;
    throw new UsageError(
      `${key} is ${shown(options[key])}; leave it out, because webSocket.server has an address of its own`,
    );
  }
}

const isWebServer: Check = (value, path) => {
  // Told by what they can do: `node:http` need not be loaded for those who listen for TCP only.
  const isHttp = typeof value === "object" && value !== null && "closeIdleConnections" in value;
  if (isHttp && "emit" in value && "address" in value) return;
  const hint =
    value instanceof NetServer
      ? "; a net.Server speaks no HTTP: for plain MQTT write net.createServer(broker.handle)"
      : "";
  throw new UsageError(
    `${path} is ${shown(value)}; allowed: a server of node:http or node:https${hint}`,
  );
};

const isWebSocketOptions = hasShape({
  server: isWebServer,
  path: check(
    "a string that starts with /",
    (value) => typeof value === "string" && value.startsWith("/"),
  ),
  origins: isListOf(check("an origin like https://example.com", isOrigin)),
  messageBytesMax: isWhole(1_024, 1_024 * MIB),
} satisfies Shape<WebSocketOptions>);

const SHAPE: Shape<ListenOptions> = {
  host: isString,
  port: isWhole(0, 65_535),
  webSocket: (value, path) => {
    if (typeof value !== "boolean") isWebSocketOptions(value, path);
  },
};

/** Gets what comes in, what it does, and the request behind a WebSocket. */
export type OnStream = (stream: Duplex, traits: StreamTraits, details?: ConnectionDetails) => void;

/** The limits that matter while bytes are on their way in a WebSocket. */
export type MessageLimits = Pick<
  Limits,
  "packetBytesMax" | "connectBytesMax" | "pipelinedBytesMax" | "unfinishedTotalBytesMax"
>;

/**
 * A listener that does not listen yet. `ws` is loaded for those only who need it.
 *
 * @param limits - Of the engine: they bound what a peer may make us keep before its messages are whole.
 * @param mqtt31 - Whether MQTT 3.1 is spoken, which has a subprotocol of its own.
 * @param onTurnedAway - Told of peers that got no connection.
 */
export async function listenerFor(
  { webSocket }: Listening,
  limits: MessageLimits,
  mqtt31: boolean,
  onStream: OnStream,
  onError: (error: Error) => void,
  onTurnedAway: TurnedAway = ignore,
): Promise<Pick<Listener, "listen" | "close">> {
  if (webSocket === undefined)
    return tcpListener((socket) => onStream(socket, TCP_SOCKET), onError);
  const { AttachedWebSockets } = await import("../net/attached-websockets.js");
  const { WebSocketListener } = await import("../net/websocket-listener.js");
  const { packetBytesMax, connectBytesMax, pipelinedBytesMax, unfinishedTotalBytesMax } = limits;
  const {
    server,
    path,
    origins,
    messageBytesMax = Math.max(MESSAGE_BYTES_MAX, 2 * packetBytesMax),
  } = webSocket;
  // CONNECT, and what may wait behind it. [M19] [M20]
  const firstMessageBytesMax = connectBytesMax + pipelinedBytesMax;
  const bounds = {
    path,
    origins,
    messageBytesMax,
    firstMessageBytesMax,
    unfinishedTotalBytesMax,
    mqtt31,
  };
  if (server !== undefined) return new AttachedWebSockets(server, bounds, onStream, onTurnedAway);
  return new WebSocketListener(bounds, onStream, onError, onTurnedAway);
}

/**
 * What a listener is called in logs, and how Clients reach it: `ws://127.0.0.1:8080/mqtt`.
 *
 * @param address - Where it listens, as it says itself.
 * @returns `undefined` for the guest of a server that does not listen yet, or not by TCP.
 */
export function listenerName(address: ListenAddress, { webSocket }: Listening): string | undefined {
  const { host, port } = address;
  if (host === "") return undefined;
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (webSocket === undefined) return `mqtt://${place}`;
  const { server, path = "" } = webSocket;
  const isSecure = server !== undefined && "setSecureContext" in server;
  return `${isSecure ? "wss" : "ws"}://${place}${path}`;
}

function ignore(): void {}
