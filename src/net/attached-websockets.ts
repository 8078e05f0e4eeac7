import type { IncomingMessage, Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { ListenAddress } from "./listener.js";
import type { TurnedAway } from "./turned-away.js";
import {
  type OnWebSocket,
  offersMqtt,
  pathOf,
  type WebSocketBounds,
  WebSocketUpgrade,
} from "./websocket-upgrade.js";

/** An HTTP server of the program's own, plain or with TLS. */
export type WebServer = Server | HttpsServer;

/**
 * MQTT over WebSocket as a guest of somebody else's HTTP server. Only upgrades that are meant for
 * MQTT are taken; everything else happens as if nobody were attached.
 */
export class AttachedWebSockets {
  readonly #server: WebServer;
  readonly #path: string | undefined;
  readonly #mqtt31: boolean;
  readonly #upgrade: WebSocketUpgrade;

  /**
   * @param bounds - Without a path: what offers the subprotocol `mqtt` is meant for MQTT.
   * @param onStream - As of {@link WebSocketUpgrade}.
   * @param onTurnedAway - As of {@link WebSocketUpgrade}.
   */
  constructor(
    server: WebServer,
    bounds: WebSocketBounds,
    onStream: OnWebSocket,
    onTurnedAway?: TurnedAway,
  ) {
    this.#server = server;
    this.#path = bounds.path;
    this.#mqtt31 = bounds.mqtt31 ?? true;
    this.#upgrade = new WebSocketUpgrade(bounds, onStream, onTurnedAway);
  }

  /** @returns where the server listens; host `""` and port 0 when it does not, or not by TCP. */
  async listen(): Promise<ListenAddress> {
    guestsOf(this.#server).add(this);
    const address = this.#server.address();
    const { address: host, port } = isTcp(address) ? address : { address: "", port: 0 };
    return { host, port };
  }

  /** Takes no more. The server, and the connections taken, go on. */
  close(): void {
    guestsOf(this.#server).delete(this);
  }

  /** @returns whether the upgrade was meant for this guest. */
  take(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const { headers, url = "" } = request;
    if (headers.upgrade?.toLowerCase() !== "websocket") return false;
    const isMeant =
      this.#path === undefined ? offersMqtt(headers, this.#mqtt31) : pathOf(url) === this.#path;
    if (isMeant) this.#upgrade.take(request, socket, head);
    return isMeant;
  }
}

type Emit = (event: string | symbol, ...told: unknown[]) => boolean;

/**
 * All guests of one server. They stand before its listeners and not among them: a WebSocket server
 * that listens there, too, would answer an upgrade that it does not know with an error, on the same
 * socket.
 */
class Guests {
  readonly #server: { emit: Emit } & WebServer;
  readonly #guests = new Set<AttachedWebSockets>();
  /** What the server's `emit` is while there are guests. */
  #emit: Emit | undefined;
  /** Makes it again what it was. */
  #restore: () => void = () => undefined;

  constructor(server: WebServer) {
    this.#server = server as { emit: Emit } & WebServer; // less exact: events as they come
  }

  add(guest: AttachedWebSockets): void {
    if (this.#guests.size === 0) this.#begin();
    this.#guests.add(guest);
  }

  delete(guest: AttachedWebSockets): void {
    if (!this.#guests.delete(guest) || this.#guests.size > 0) return;
    this.#server.off("upgrade", awaitUpgrades);
    // Else somebody stands before us: we stay where we are, and do nothing.
    if (this.#server.emit !== this.#emit) return;
    this.#restore();
    this.#emit = undefined;
  }

  #begin(): void {
    this.#server.on("upgrade", awaitUpgrades);
    if (this.#emit !== undefined) return; // still there from before
    const server = this.#server;
    const before: Emit = server.emit;
    const isOwn = Object.hasOwn(server, "emit");
    this.#restore = () => {
      if (isOwn) server.emit = before;
      else Reflect.deleteProperty(server, "emit");
    };
    this.#emit = (event, ...told) => {
      const isTaken =
        event === "upgrade" &&
        this.#guests.size > 0 &&
        this.#take(...(told as [IncomingMessage, Socket, Buffer])); // as Node tells it
      return isTaken || before.call(server, event, ...told);
    };
    server.emit = this.#emit;
  }

  /** @returns whether nobody else is to hear of it. */
  #take(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    for (const guest of this.#guests) {
      if (guest.take(request, socket, head)) return true;
    }
    const isForNobody = this.#server.listeners("upgrade").every((one) => one === awaitUpgrades);
    if (isForNobody) handBack(this.#server, request, socket, head);
    return isForNobody;
  }
}

const ALL_GUESTS = new WeakMap<WebServer, Guests>();

function guestsOf(server: WebServer): Guests {
  const guests = ALL_GUESTS.get(server) ?? new Guests(server);
  ALL_GUESTS.set(server, guests);
  return guests;
}

/** Does nothing: Node passes upgrades on only while there is a listener. */
function awaitUpgrades(): void {}

/**
 * Without us this upgrade would have been an ordinary request, as the standard allows: it comes
 * again, without the header that asks for another protocol.
 */
function handBack(server: WebServer, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string; // names and values in turn
    if (name.toLowerCase() !== "upgrade") lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  const text = `${lines.join("\r\n")}\r\n\r\n`;
  socket.unshift(Buffer.concat([Buffer.from(text, "latin1"), head]));
  server.emit("setSecureContext" in server ? "secureConnection" : "connection", socket);
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
