import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { Unfinished } from "../ports/unfinished.js";
import { addressOf, type ConnectionDetails } from "./peer-details.js";
import type { StreamTraits } from "./stream-traits.js";
import type { TurnedAway } from "./turned-away.js";
import { type GivesUp, streamOver, webSocketTraits } from "./websocket-stream.js";

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
  /** Whether peers may offer the subprotocol of MQTT 3.1 alone. Default true. [M27] */
  readonly mqtt31?: boolean;
  /** Default 5,000. */
  readonly handshakeMs?: number;
}

/** Gets a connection as a stream of the bytes in its frames, what that does, and the request that began it. */
export type OnWebSocket = (
  stream: Duplex,
  traits: StreamTraits,
  details: ConnectionDetails & { readonly request: IncomingMessage },
) => void;

/** What turns an HTTP request into a connection, whoever's server it came to. */
export class WebSocketUpgrade {
  readonly #bounds: WebSocketBounds;
  readonly #onStream: OnWebSocket;
  readonly #onTurnedAway: TurnedAway;
  readonly #upgrading: WebSocketServer;
  readonly #unfinished: Unfinished<GivesUp>;

  /** @param onTurnedAway - Told of peers that got no connection, or lost it here. */
  constructor(bounds: WebSocketBounds, onStream: OnWebSocket, onTurnedAway: TurnedAway = ignore) {
    this.#bounds = bounds;
    this.#onStream = onStream;
    this.#onTurnedAway = onTurnedAway;
    this.#unfinished = new Unfinished(bounds.unfinishedTotalBytesMax);
    this.#upgrading = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false, // a pong must not get into the middle of a frame
      perMessageDeflate: false, // a few bytes could become very many [K05]
      maxPayload: bounds.messageBytesMax,
      skipUTF8Validation: true, // any text is refused, and with one and the same code
      // Who has offered neither does not get here. [MQTT-6.0.0-4]
      handleProtocols: (offers) => (offers.has(SUBPROTOCOL) ? SUBPROTOCOL : SUBPROTOCOL_3_1),
    });
  }

  /**
   * Makes a connection of a request, or refuses it. Done when it returns.
   *
   * @param details - What the socket does not know of the peer itself.
   */
  take(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    details: ConnectionDetails = {},
  ): void {
    const address = addressOf(socket, details); // now: it is asked for when the socket may be gone
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      const [status, why] = refusal;
      this.#onTurnedAway(address, "refused", `${why} (HTTP ${status})`, "no-websocket");
      refuse(socket, status);
      return;
    }
    let isUpgraded = false;
    this.#upgrading.handleUpgrade(request, socket, head, (webSocket) => {
      isUpgraded = true;
      const { firstMessageBytesMax } = this.#bounds;
      const unfinished = this.#unfinished;
      const onHungUp = (why: string): void =>
        this.#onTurnedAway(address, "hung up", why, "websocket");
      const stream = streamOver(webSocket, socket, { firstMessageBytesMax, unfinished }, onHungUp);
      this.#onStream(stream, webSocketTraits(socket), { ...details, request });
    });
    if (isUpgraded) return;
    this.#onTurnedAway(address, "refused", "its request is no WebSocket's", "no-websocket");
  }

  /** Why a request may not become a connection; what makes it a WebSocket is left to `ws`. */
  #refusalOf({ headers, url = "" }: IncomingMessage): HttpRefusal | undefined {
    const { path, origins, mqtt31 = true } = this.#bounds;
    // A body would be taken for frames. [K08]
    if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") {
      return ["400 Bad Request", "its request has a body"];
    }
    if (path !== undefined && pathOf(url) !== path) {
      return ["404 Not Found", "it asks for another path than the one that is served"];
    }
    const origin = headers.origin ?? headers["sec-websocket-origin"];
    if (origins !== undefined && origin !== undefined && !origins.includes(`${origin}`)) {
      return ["403 Forbidden", "its web page is of an origin that may not connect"];
    }
    if (offersMqtt(headers, mqtt31)) return undefined;
    return ["400 Bad Request", "it does not offer the subprotocol mqtt [MQTT-6.0.0-3]"];
  }
}

/** The answer to a request that becomes no connection, and why, for the log. */
export type HttpRefusal = readonly [status: string, why: string];

/** The path of a request, without what follows a question mark. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] as string; // at least one part
}

/** Whether a subprotocol is offered that is spoken here, among not too many. */
export function offersMqtt(headers: IncomingMessage["headers"], mqtt31: boolean): boolean {
  const offers = (headers["sec-websocket-protocol"] ?? "").split(",", OFFERS_MAX + 1);
  const isSpoken = (name: string) => name === SUBPROTOCOL || (mqtt31 && name === SUBPROTOCOL_3_1);
  return offers.length <= OFFERS_MAX && offers.some((name) => isSpoken(name.trim()));
}

/** The one subprotocol of MQTT 3.1.1. [MQTT-6.0.0-3] */
const SUBPROTOCOL = "mqtt";
/** What Clients of MQTT 3.1 offer, some of them alone. [M27] */
const SUBPROTOCOL_3_1 = "mqttv3.1";

export const EXPLANATION =
  "This is an MQTT broker: connect by WebSocket, offering the subprotocol mqtt.\n";

/** An upgrade that is refused: the answer, and the end of the connection. */
function refuse(socket: Socket, status: string): void {
  socket.on("error", ignore);
  socket.once("finish", () => socket.destroy());
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  socket.end(`${head}Content-Length: ${EXPLANATION.length}\r\n\r\n${EXPLANATION}`);
}

function ignore(): void {}
