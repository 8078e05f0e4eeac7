import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TurnAwayReason } from "../ports/reasons.js";
import type { Handshakes } from "./handshakes.js";
import { addressOf, type ConnectionDetails } from "./peer-details.js";
import { TCP_KEEP_ALIVE_MS } from "./socket-link.js";
import { spokenIn, spokenInsteadOfHttp, type TurnedAway } from "./turned-away.js";
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

/** Makes WebSockets of the connections it is given, and nothing else that speaks HTTP. */
export class WebSocketDoor {
  readonly #handshakeMs: number;
  readonly #handshakes: Handshakes;
  readonly #upgrade: WebSocketUpgrade;
  readonly #onTurnedAway: TurnedAway;
  /** It does not listen itself. */
  readonly #server: Server;
  /** Connections that have had their one answer. */
  readonly #answered = new WeakSet<Socket>();
  /** Those that are no WebSocket yet, and what is known of them. */
  readonly #coming = new Map<Socket, ConnectionDetails>();
  readonly #onClose: (this: Socket) => void;

  /**
   * @param onStream - As of {@link WebSocketUpgrade}.
   * @param onTurnedAway - Told of peers that got no connection, or lost it here.
   */
  constructor(
    bounds: WebSocketBounds,
    handshakes: Handshakes,
    onStream: OnWebSocket,
    onTurnedAway: TurnedAway,
  ) {
    this.#handshakeMs = bounds.handshakeMs ?? HANDSHAKE_MS;
    this.#handshakes = handshakes;
    this.#onTurnedAway = onTurnedAway;
    this.#upgrade = new WebSocketUpgrade(bounds, onStream, onTurnedAway);
    this.#server = this.#makeServer();
    const finished = (socket: Socket): void => this.#finished(socket);
    this.#onClose = function () {
      finished(this);
    };
  }

  /**
   * From here on the connection is the door's.
   *
   * @param details - What the socket does not know of the peer itself.
   */
  take(socket: Socket, details: ConnectionDetails): void {
    this.#coming.set(socket, details);
    socket.on("close", this.#onClose);
    this.#handshakes.begin(socket, this.#handshakeMs, (reason) => this.#giveUp(socket, reason));
    this.#server.emit("connection", socket);
  }

  /** Drops requests that have not become a WebSocket yet. */
  close(): void {
    for (const socket of this.#coming.keys()) socket.destroy();
  }

  #makeServer(): Server {
    const server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    });
    for (const event of ["request", "checkContinue", "checkExpectation"] as const) {
      server.on(event, (request, response) => this.#refusePlain(request, response));
    }
    // Node passes on the sockets it was given, whatever the type says.
    server.on("clientError", (error: ClientError, socket) =>
      this.#refuseNoHttp(error, socket as Socket),
    );
    server.on("upgrade", (request, socket, head) => this.#take(request, socket as Socket, head));
    return server;
  }

  #take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answered.has(socket)) {
      this.#refused(socket, "a second request came on the same connection", "no-websocket");
      socket.destroySoon(); // smuggled in behind another request [K08]
      return;
    }
    const details = this.#coming.get(socket) ?? {};
    this.#finished(socket);
    this.#upgrade.take(request, socket, head, details);
  }

  #finished(socket: Socket): void {
    this.#coming.delete(socket);
    this.#handshakes.end(socket);
    socket.off("close", this.#onClose);
  }

  #giveUp(socket: Socket, reason: "handshake-timeout" | "too-many-handshakes"): void {
    const [status, why] = GIVEN_UP[reason];
    if (!this.#answered.has(socket)) this.#answerAndDrop(socket, status, why, reason);
    socket.destroy();
  }

  #refused(socket: Socket, why: string, reason: TurnAwayReason): void {
    const details = this.#coming.get(socket) ?? {};
    this.#onTurnedAway(addressOf(socket, details), "refused", why, reason);
  }

  #answerAndDrop(socket: Socket, status: string, why: string, reason: TurnAwayReason): void {
    this.#refused(socket, `${why} (HTTP ${status})`, reason);
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    socket.destroy();
  }

  /** As Node does where nobody listens; only that it is told. [K09] */
  #refuseNoHttp({ code, rawPacket }: ClientError, socket: Socket): void {
    // Who was answered has nothing more to say.
    if (code === "ECONNRESET" || this.#answered.has(socket)) {
      socket.destroy();
      return;
    }
    const known = NO_HTTP[code ?? ""];
    const [status, why] = known ?? ["400 Bad Request", spokenInsteadOfHttp(rawPacket)];
    const isProxy = known === undefined && spokenIn(rawPacket) === "proxy";
    this.#answerAndDrop(socket, status, why, isProxy ? "not-a-proxy" : "no-websocket");
  }

  /** A request that asks for no upgrade. [K08] */
  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#answered.add(socket);
    this.#refused(socket, "a request that asks for no WebSocket (HTTP 426)", "no-websocket");
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
};

const GIVEN_UP = {
  "handshake-timeout": ["408 Request Timeout", "its request did not come in time"],
  "too-many-handshakes": [
    "503 Service Unavailable",
    "too many requests were under way, and its own was the oldest",
  ],
} as const;
