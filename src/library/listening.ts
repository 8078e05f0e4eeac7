import type { Duplex } from "node:stream";
import type { ListenAddress, Listener } from "../net/listener.js";
import { tcpListener } from "../net/tcp-listener.js";
import type { Limits } from "../ports/limits.js";
import { UsageError } from "../protocol/errors.js";

const MIB = 1024 * 1024;
/** A browser may join very many packets in one message. */
const MESSAGE_BYTES_MAX = 16 * MIB;

/** Where to listen, and how Clients connect there. */
export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0: any free one. Default 1883, for WebSocket 8080. */
  readonly port?: number;
  /** MQTT over WebSocket instead of TCP. Default false. */
  readonly webSocket?: boolean | WebSocketOptions;
}

/** What a WebSocket listener asks of its peers. */
export interface WebSocketOptions {
  /** The one path that is served, like `/mqtt`. Default: every path, as Clients differ. */
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
  readonly address: ListenAddress;
  readonly webSocket: WebSocketOptions | undefined;
}

/** @throws UsageError naming the option, its value and what is allowed. */
export function listeningFrom(options: ListenOptions): Listening {
  const webSocket = options.webSocket === true ? {} : options.webSocket || undefined;
  const { host = "127.0.0.1", port = webSocket === undefined ? 1883 : 8080 } = options;
  checkWholeNumber("port", port, 0, 65_535);
  if (webSocket !== undefined) checkWebSocket(webSocket);
  return { address: { host, port }, webSocket };
}

/** The limits that matter while bytes are on their way in a WebSocket. */
export type MessageLimits = Pick<
  Limits,
  "packetBytesMax" | "connectBytesMax" | "pipelinedBytesMax" | "unfinishedTotalBytesMax"
>;

/**
 * A listener that does not listen yet. `ws` is loaded for those only who need it.
 *
 * @param limits - Of the engine: they bound what a peer may make us keep before its messages are whole.
 */
export async function listenerFor(
  { webSocket }: Listening,
  limits: MessageLimits,
  onStream: (stream: Duplex) => void,
  onError: (error: Error) => void,
): Promise<Pick<Listener, "listen" | "close">> {
  if (webSocket === undefined) return tcpListener(onStream, onError);
  const { WebSocketListener } = await import("../net/websocket-listener.js");
  const { packetBytesMax, connectBytesMax, pipelinedBytesMax, unfinishedTotalBytesMax } = limits;
  const {
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
  };
  return new WebSocketListener(bounds, onStream, onError);
}

function checkWebSocket({ path, origins, messageBytesMax }: WebSocketOptions): void {
  if (path !== undefined && !(typeof path === "string" && path.startsWith("/"))) {
    throw new UsageError(`path is ${JSON.stringify(path)}; allowed: a string that starts with /`);
  }
  if (origins !== undefined && !(Array.isArray(origins) && origins.every(isOrigin))) {
    throw new UsageError(
      `origins is ${JSON.stringify(origins)}; allowed: a list of origins like https://example.com`,
    );
  }
  if (messageBytesMax !== undefined) {
    checkWholeNumber("messageBytesMax", messageBytesMax, 1_024, 1_024 * MIB);
  }
}

/** Whether it is written as a browser would: without a path, without a default port. */
export function isOrigin(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return host !== "" && text === `${protocol}//${host}`;
}

function checkWholeNumber(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
    return;
  throw new UsageError(
    `${name} is ${String(value)}; allowed: whole numbers from ${least} to ${most}`,
  );
}
