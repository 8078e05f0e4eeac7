import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type ListenAddress, Listener } from "./listener.js";
import { TCP_KEEP_ALIVE_MS } from "./socket-link.js";
import {
  EXPLANATION,
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
  /** Connections that have had their one answer. */
  readonly #answered = new WeakSet<Socket>();
  readonly #servers = new Set<Server>();

  /**
   * @param onStream - As of {@link WebSocketUpgrade}.
   * @param onError - Told when accepting fails; it goes on all the same.
   */
  constructor(bounds: WebSocketBounds, onStream: OnWebSocket, onError: (error: Error) => void) {
    this.#handshakeMs = bounds.handshakeMs ?? HANDSHAKE_MS;
    this.#upgrade = new WebSocketUpgrade(bounds, onStream);
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
    // Node passes on what came in by TCP, whatever the type says.
    server.on("upgrade", (request, socket, head) => this.#take(request, socket as Socket, head));
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
    return server;
  }

  #take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answered.has(socket)) {
      socket.destroySoon(); // smuggled in behind another request [K08]
      return;
    }
    this.#upgrade.take(request, socket, head);
  }

  /** A request that asks for no upgrade. [K08] */
  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    this.#answered.add(request.socket);
    const headers = { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" };
    response.writeHead(426, headers).end(EXPLANATION);
  }
}
