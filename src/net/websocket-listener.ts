import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { Unfinished } from "../ports/unfinished.js";
import { type ListenAddress, Listener } from "./listener.js";
import { TCP_KEEP_ALIVE_MS } from "./socket-link.js";
import { type GivesUp, streamOver } from "./websocket-stream.js";

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
  /** Bytes of messages that are not whole, of all peers. [M23] */
  readonly unfinishedTotalBytesMax: number;
  /** Default 5,000. */
  readonly handshakeMs?: number;
}

/** Accepts MQTT over WebSocket until it is closed, and nothing else that speaks HTTP. */
export class WebSocketListener {
  readonly #listener: Listener;
  readonly #bounds: WebSocketBounds;
  readonly #onStream: (stream: Duplex) => void;
  readonly #upgrading: WebSocketServer;
  readonly #unfinished: Unfinished<GivesUp>;
  /** Connections that have had their one answer. */
  readonly #answered = new WeakSet<Socket>();
  #server: Server | undefined;

  /**
   * @param onStream - Gets each connection as a stream of the bytes in its frames.
   * @param onError - Told when accepting fails; it goes on all the same.
   */
  constructor(
    bounds: WebSocketBounds,
    onStream: (stream: Duplex) => void,
    onError: (error: Error) => void,
  ) {
    this.#bounds = bounds;
    this.#onStream = onStream;
    this.#listener = new Listener(() => this.#makeServer(), onError);
    this.#unfinished = new Unfinished(bounds.unfinishedTotalBytesMax);
    this.#upgrading = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false, // a pong must not get into the middle of a frame
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
    // Node passes on what came in by TCP, whatever the type says.
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#server = server;
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answered.has(socket)) {
      socket.destroySoon(); // smuggled in behind another request [K08]
      return;
    }
    const status = this.#statusFor(request);
    if (status !== undefined) {
      refuse(socket, status);
      return;
    }
    this.#upgrading.handleUpgrade(request, socket, head, (webSocket) => {
      const { firstMessageBytesMax } = this.#bounds;
      const unfinished = this.#unfinished;
      this.#onStream(streamOver(webSocket, socket, { firstMessageBytesMax, unfinished }));
    });
  }

  /** A request that asks for no upgrade. [K08] */
  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    this.#answered.add(request.socket);
    const headers = { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" };
    response.writeHead(426, headers).end(EXPLANATION);
  }

  /** Why a request may not become a connection; what makes it a WebSocket is left to `ws`. */
  #statusFor({ headers, url = "" }: IncomingMessage): string | undefined {
    const { path, origins } = this.#bounds;
    // A body would be taken for frames. [K08]
    if (headers["transfer-encoding"] !== undefined) return "400 Bad Request";
    if ((headers["content-length"] ?? "0") !== "0") return "400 Bad Request";
    if (path !== undefined && url.split("?", 1)[0] !== path) return "404 Not Found";
    const origin = headers.origin ?? headers["sec-websocket-origin"];
    if (origins !== undefined && origin !== undefined && !origins.includes(`${origin}`)) {
      return "403 Forbidden";
    }
    const offers = (headers["sec-websocket-protocol"] ?? "").split(",", OFFERS_MAX + 1);
    const isOffered = offers.some((name) => name.trim() === SUBPROTOCOL);
    return isOffered && offers.length <= OFFERS_MAX ? undefined : "400 Bad Request";
  }
}

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
