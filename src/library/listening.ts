import { Server as NetServer } from "node:net";
import type { ListenerBounds } from "../net/admission.js";
import type { WebServer } from "../net/attached-websockets.js";
import type { ListenAddress } from "../net/listener.js";
import type { SocketFile } from "../net/socket-file.js";
import type { TlsFiles } from "../net/tls-files.js";
import { checkFor } from "../options/check.js";
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
import {
  LISTENERS_ROW,
  type ListenerOptions,
  TRANSPORTS,
  type TransportChoice,
} from "./listener-rows.js";
import { isOrigin } from "./listener-values.js";

const MIB = 1024 * 1024;

/** Where to listen, and how Clients connect there. */
export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /**
   * What carries plain TCP. `net`: Node's sockets. `native`: the kernel's, which take less CPU and
   * memory; on Linux, in the main thread, with the optional package `koffi`. `auto`: `native` where
   * that works. Default `net`.
   */
  readonly transport?: TransportChoice;
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

/** Where to listen and how, with every choice made. */
export interface Listening {
  /** What it is called in the log; `undefined`: by its URL. */
  readonly name: string | undefined;
  readonly scheme: "mqtt" | "mqtts" | "ws" | "wss" | "unix";
  /** Of no meaning with a `server`, which has its own, and for a socket file. */
  readonly address: ListenAddress;
  readonly file: SocketFile | undefined;
  readonly tls: TlsFiles | undefined;
  readonly webSocket: WebSocketOptions | undefined;
  readonly proxies: readonly string[];
  readonly bounds: ListenerBounds;
  readonly anonymous: "ask" | "accept" | "refuse";
  /** Other than `net` for plain TCP only. */
  readonly transport: TransportChoice;
}

/** @throws UsageError naming the option, its value and what is allowed. */
export function listeningFrom(options: ListenOptions | ListenerOptions): Listening {
  if (typeof options === "object" && options !== null && "type" in options) {
    checkListener(options, "options");
    return listeningOf(options);
  }
  if (typeof options === "object" && options !== null && "server" in options) {
    throw new UsageError(
      "unknown key server: to attach MQTT over WebSocket to an HTTP server, write " +
        "listen({ webSocket: { server } })",
    );
  }
  checkArgument(options, SHAPE, "options");
  const webSocket = options.webSocket === true ? {} : options.webSocket || undefined;
  if (webSocket?.server !== undefined) checkGuest(options);
  const { host = HOST, port = webSocket === undefined ? PORTS.tcp : 8080 } = options;
  const isSecure = webSocket?.server !== undefined && "setSecureContext" in webSocket.server;
  const scheme = webSocket === undefined ? "mqtt" : isSecure ? "wss" : "ws";
  const { transport = "net" } = options;
  if (webSocket !== undefined && transport === "native") {
    throw new UsageError(
      'transport is "native"; leave it out with webSocket, which needs Node\'s sockets',
    );
  }
  return {
    ...PLAIN,
    scheme,
    address: { host, port },
    webSocket,
    transport: webSocket === undefined ? transport : "net",
  };
}

const checkListener = checkFor(LISTENERS_ROW.of);
const HOST = "127.0.0.1";
const PORTS = { tcp: 1883, tls: 8883, ws: 8083, wss: 8084 } as const;
const SCHEMES = { tcp: "mqtt", tls: "mqtts", ws: "ws", wss: "wss", unix: "unix" } as const;
const PLAIN = {
  name: undefined,
  file: undefined,
  tls: undefined,
  webSocket: undefined,
  proxies: [],
  bounds: {},
  anonymous: "ask",
  transport: "net",
} as const satisfies Partial<Listening>;

function listeningOf(options: ListenerOptions): Listening {
  const { type, name, anonymous = "ask", proxyProtocol: proxies = [] } = options;
  const { connectionsMax, connectionsPerAddressMax, connectsPerSecondMax } = options;
  const bounds = { connectionsMax, connectionsPerAddressMax, connectsPerSecondMax };
  const common = { ...PLAIN, name, scheme: SCHEMES[type], proxies, bounds, anonymous };
  if (options.type === "unix") {
    const { path, mode = "660", owner } = options;
    return { ...common, address: { host: "", port: 0, path }, file: { path, mode, owner } };
  }
  const { host = HOST, port = PORTS[options.type] } = options;
  return {
    ...common,
    address: { host, port },
    transport: transportOf(options),
    tls: options.type === "tls" || options.type === "wss" ? options : undefined,
    webSocket: options.type === "ws" || options.type === "wss" ? webSocketOf(options) : undefined,
  };
}

/** A PROXY header is read from a stream. @throws UsageError */
function transportOf(options: ListenerOptions): TransportChoice {
  if (options.type !== "tcp") return "net";
  const { transport = "net", proxyProtocol } = options;
  if (proxyProtocol === undefined) return transport;
  if (transport !== "native") return "net";
  throw new UsageError(
    'transport is "native"; leave it out with proxyProtocol, which needs Node\'s sockets',
  );
}

function webSocketOf({ path, origins }: WebSocketOptions): WebSocketOptions {
  return { ...(path !== undefined && { path }), ...(origins !== undefined && { origins }) };
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
  transport: check(TRANSPORTS.join(" or "), (value) => TRANSPORTS.some((one) => one === value)),
  webSocket: (value, path) => {
    if (typeof value !== "boolean") isWebSocketOptions(value, path);
  },
};

/**
 * What a listener is called in logs, and how Clients reach it: `ws://127.0.0.1:8080/mqtt`.
 *
 * @param address - Where it listens, as it says itself.
 * @returns `undefined` for the guest of a server that does not listen yet, or not by TCP.
 */
export function listenerUrl(
  address: ListenAddress,
  { scheme, webSocket }: Pick<Listening, "scheme" | "webSocket">,
): string | undefined {
  const { host, port, path: file } = address;
  if (file !== undefined) return `${scheme}:${file}`;
  if (host === "") return undefined;
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return `${scheme}://${place}${webSocket?.path ?? ""}`;
}
