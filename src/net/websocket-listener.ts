import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { type ListenAddress, Listener } from "./listener.js";
import { addressOf, TCP_KEEP_ALIVE_MS } from "./socket-link.js";
import { spokenInsteadOfHttp, type TurnedAway } from "./turned-away.js";
import { streamOver } from "./websocket-stream.js";

/** Time a peer has for the whole request that becomes a WebSocket. [K09] */
const HANDSHAKE_MS = 5_000;
/** Bytes of all headers of it. [K01] */
const HEADER_BYTES_MAX = 8 * 1024;
/** Subprotocols a peer may offer. [K01] */
const OFFERS_MAX = 16;

/** What a browser may be asked to prove, and what a peer may make us keep. */
export interface WebSocketBounds {
  /** The one path that is served, like `/mqtt`; `undefined`: every path. */
  readonly path?: string | undefined;
  /**
   * Origins whose pages may connect, as browsers write them: `https://example.com`. A peer that
   * names none is no browser's page and may connect. `undefined`: all. [K06]
   */
  readonly origins?: readonly string[] | undefined;
  /** Bytes of one WebSocket message: it is kept whole before its packets are read. */
  readonly messageBytesMax: number;
  /** Bytes taken before the first message is whole. */
  readonly firstMessageBytesMax: number;
  /** Default 5,000. */
  readonly handshakeMs?: number;
}

/** Accepts MQTT over WebSocket until it is closed, and nothing else that speaks HTTP. */
export class WebSocketListener {
  readonly #listener: Listener;
  readonly #bounds: WebSocketBounds;
  readonly #onStream: (stream: Duplex) => void;
  readonly #onTurnedAway: TurnedAway;
  readonly #upgrading: WebSocketServer;
  /** Connections that have had their one answer. */
  readonly #answered = new WeakSet<Socket>();
  #server: Server | undefined;

  /**
   * @param onStream - Gets each connection as a stream of the bytes in its frames.
   * @param onError - Told when accepting fails; it goes on all the same.
   * @param onTurnedAway - Told of peers that got no connection, or lost it here.
   */
  constructor(
    bounds: WebSocketBounds,
    onStream: (stream: Duplex) => void,
    onError: (error: Error) => void,
    onTurnedAway: TurnedAway = ignore,
  ) {
    this.#bounds = bounds;
    this.#onStream = onStream;
    this.#onTurnedAway = onTurnedAway;
    this.#listener = new Listener(() => this.#makeServer(), onError);
    this.#upgrading = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // a few bytes could become very many [K05]
      maxPayload: bounds.messageBytesMax,
      skipUTF8Validation: true, // any text is refused, and with one and the same code
      handleProtocols: () => SUBPROTOCOL, // who has not offered it does not get here [MQTT-6.0.0-4]
    });
  }

  /** Starts to listen. @returns and @throws as {@link Listener.listen}. */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return this.#listener.listen(address);
  }

  /** Accepts no more, and drops requests that have not become a WebSocket yet. */
  close(): void {
    this.#listener.close();
    this.#server?.closeAllConnections();
  }

  #makeServer(): Server {
    const { handshakeMs = HANDSHAKE_MS } = this.#bounds;
    const server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: handshakeMs,
      requestTimeout: handshakeMs,
      connectionsCheckingInterval: handshakeMs / 5,
    });
    for (const event of ["request", "checkContinue", "checkExpectation"] as const) {
      server.on(event, (request, response) => this.#refusePlain(request, response));
    }
    server.on("clientError", (error: ClientError, socket) => this.#refuseNoHttp(error, socket));
    // Node passes on what came in by TCP, whatever the type says.
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#server = server;
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answered.has(socket)) {
      this.#tell(socket, "refused", "a second request came on the same connection");
      socket.destroySoon(); // smuggled in behind another request [K08]
      return;
    }
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      const [status, why] = refusal;
      this.#tell(socket, "refused", `${why} (HTTP ${status})`);
      refuse(socket, status);
      return;
    }
    const address = addressOf(socket); // now: it is asked for when the socket may be gone
    let isUpgraded = false;
    this.#upgrading.handleUpgrade(request, socket, head, (webSocket) => {
      isUpgraded = true;
      const onHungUp = (why: string): void => this.#onTurnedAway(address, "hung up", why);
      this.#onStream(streamOver(webSocket, socket, this.#bounds.firstMessageBytesMax, onHungUp));
    });
    if (!isUpgraded) this.#onTurnedAway(address, "refused", "its request is no WebSocket's");
  }

  #tell(socket: Socket, what: "refused" | "hung up", why: string): void {
    this.#onTurnedAway(addressOf(socket), what, why);
  }

  /** As Node does where nobody listens; only that it is told. [K09] */
  #refuseNoHttp({ code, rawPacket }: ClientError, socket: Duplex): void {
    // A Socket: connections come by TCP. Who was answered has nothing more to say.
    if (code === "ECONNRESET" || this.#answered.has(socket as Socket)) {
      socket.destroy();
      return;
    }
    const [status, why] = NO_HTTP[code ?? ""] ?? [
      "400 Bad Request",
      spokenInsteadOfHttp(rawPacket),
    ];
    this.#onTurnedAway(addressOf(socket), "refused", `${why} (HTTP ${status})`);
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    socket.destroy();
  }

  /** A request that asks for no upgrade. [K08] */
  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    this.#answered.add(request.socket);
    this.#tell(request.socket, "refused", "a request that asks for no WebSocket (HTTP 426)");
    const headers = { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" };
    response.writeHead(426, headers).end(EXPLANATION);
  }

  /** Why a request may not become a connection; what makes it a WebSocket is left to `ws`. */
  #refusalOf({ headers, url = "" }: IncomingMessage): HttpRefusal | undefined {
    const { path, origins } = this.#bounds;
    // A body would be taken for frames. [K08]
    if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") {
      return ["400 Bad Request", "its request has a body"];
    }
    if (path !== undefined && url.split("?", 1)[0] !== path) {
      return ["404 Not Found", "it asks for another path than the one that is served"];
    }
    const origin = headers.origin ?? headers["sec-websocket-origin"];
    if (origins !== undefined && origin !== undefined && !origins.includes(`${origin}`)) {
      return ["403 Forbidden", "its web page is of an origin that may not connect"];
    }
    const offers = (headers["sec-websocket-protocol"] ?? "").split(",", OFFERS_MAX + 1);
    const isOffered = offers.some((name) => name.trim() === SUBPROTOCOL);
    if (isOffered && offers.length <= OFFERS_MAX) return undefined;
    return ["400 Bad Request", "it does not offer the subprotocol mqtt [MQTT-6.0.0-3]"];
  }
}

type HttpRefusal = readonly [status: string, why: string];

/** What Node says of a request it cannot take. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

const NO_HTTP: Readonly<Record<string, HttpRefusal>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "its headers are too large"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", "its request has a body"],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "its request did not come in time"],
};

/** The one subprotocol there is. [MQTT-6.0.0-3] */
const SUBPROTOCOL = "mqtt";

const EXPLANATION =
  "This is an MQTT broker: connect by WebSocket, offering the subprotocol mqtt.\n";

/** An upgrade that is refused: the answer, and the end of the connection. */
function refuse(socket: Socket, status: string): void {
  socket.on("error", ignore);
  socket.once("finish", () => socket.destroy());
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  socket.end(`${head}Content-Length: ${EXPLANATION.length}\r\n\r\n${EXPLANATION}`);
}

function ignore(): void {}
