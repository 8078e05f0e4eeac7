import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ListenAddress, Listener } from "./listener.js";
import { addressOf } from "./peer-details.js";
import { TCP_KEEP_ALIVE_MS } from "./socket-link.js";
import { spokenInsteadOfHttp, type TurnedAway } from "./turned-away.js";
import {
  EXPLANATION,
  type HttpRefusal,
  type OnWebSocket,
  type WebSocketBounds,
  WebSocketUpgrade,
} from "./websocket-upgrade.js";

/** Time a peer has for the whole request that becomes a WebSocket. [K09] */
const HANDSHAKE_MS = 5_000;
/** Bytes of all headers of it. [K01] */
const HEADER_BYTES_MAX = 8 * 1024;
/** Accepts MQTT over WebSocket until it is closed, and nothing else that speaks HTTP. */
export class WebSocketListener {
  readonly #listener: Listener;
  readonly #handshakeMs: number;
  readonly #upgrade: WebSocketUpgrade;
  readonly #onTurnedAway: TurnedAway;
  /** Connections that have had their one answer. */
  readonly #answered = new WeakSet<Socket>();
  readonly #servers = new Set<Server>();

  /**
   * @param onStream - As of {@link WebSocketUpgrade}.
   * @param onError - Told when accepting fails; it goes on all the same.
   * @param onTurnedAway - Told of peers that got no connection, or lost it here.
   */
  constructor(
    bounds: WebSocketBounds,
    onStream: OnWebSocket,
    onError: (error: Error) => void,
    onTurnedAway: TurnedAway = ignore,
  ) {
    this.#handshakeMs = bounds.handshakeMs ?? HANDSHAKE_MS;
    this.#onTurnedAway = onTurnedAway;
    this.#upgrade = new WebSocketUpgrade(bounds, onStream, onTurnedAway);
    this.#listener = new Listener(() => this.#makeServer(), onError);
  }

  /** Starts to listen. @returns and @throws as {@link Listener.listen}. */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return this.#listener.listen(address);
  }

  /** Accepts no more, and drops requests that have not become a WebSocket yet. */
  close(): void {
    this.#listener.close();
    for (const server of this.#servers) server.closeAllConnections();
  }

  #makeServer(): Server {
    const handshakeMs = this.#handshakeMs;
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
    server.on("upgrade", (request, socket, head) => this.#take(request, socket as Socket, head));
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
    return server;
  }

  #take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answered.has(socket)) {
      this.#refused(socket, "a second request came on the same connection");
      socket.destroySoon(); // smuggled in behind another request [K08]
      return;
    }
    this.#upgrade.take(request, socket, head);
  }

  #refused(socket: Duplex, why: string): void {
    this.#onTurnedAway(addressOf(socket, {}), "refused", why);
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
    this.#refused(socket, `${why} (HTTP ${status})`);
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    socket.destroy();
  }

  /** A request that asks for no upgrade. [K08] */
  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    this.#answered.add(request.socket);
    this.#refused(request.socket, "a request that asks for no WebSocket (HTTP 426)");
    const headers = { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" };
    response.writeHead(426, headers).end(EXPLANATION);
  }
}

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

function ignore(): void {}
