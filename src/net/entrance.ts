import type { Socket } from "node:net";
import { ADMISSION_WORDS, type Admission } from "./admission.js";
import type { Handshakes } from "./handshakes.js";
import { placeText, plainAddress, UNIX_PEER } from "./peer-address.js";
import { addressOf, type ConnectionDetails } from "./peer-details.js";
import { awaitProxyHeader, type Proxies } from "./proxies.js";
import type { ProxyHeader } from "./proxy-header.js";
import type { TurnedAway } from "./turned-away.js";

/** What one listener asks of whoever comes, before a byte of MQTT, TLS or HTTP is read. */
export interface EntranceRules {
  /**
   * Whom all connections come from, where that is known without looking: asking for an address costs
   * a system call and keeps it. `undefined`: ask.
   */
  readonly knownAddress: string | undefined;
  readonly admission: Admission;
  readonly proxies: Proxies | undefined;
  readonly handshakes: Handshakes;
  /** For a PROXY header. */
  readonly timeMs: () => number;
}

/** Gives on a connection, with what the socket itself does not know of its peer. */
export type TakeSocket = (socket: Socket, details: ConnectionDetails) => void;

/** The first thing that a new connection of a listener meets. */
export class Entrance {
  readonly #rules: EntranceRules;
  readonly #next: TakeSocket;
  readonly #onTurnedAway: TurnedAway;

  constructor(rules: EntranceRules, next: TakeSocket, onTurnedAway: TurnedAway) {
    this.#rules = rules;
    this.#next = next;
    this.#onTurnedAway = onTurnedAway;
  }

  /** Whatever becomes of the connection, nobody else need look after it. */
  take(socket: Socket): void {
    const { knownAddress, proxies } = this.#rules;
    const address = knownAddress ?? plainAddress(socket.remoteAddress ?? "");
    if (proxies?.has(address) === true) this.#askProxy(socket, address);
    else this.#admit(socket, address, address === UNIX_PEER ? OF_SOCKET_FILE : NO_DETAILS);
  }

  #askProxy(socket: Socket, address: string): void {
    const { handshakes, timeMs } = this.#rules;
    socket.on("error", ignore);
    awaitProxyHeader(socket, handshakes, timeMs(), {
      take: (header) => this.#admitBehind(socket, address, header),
      refuse: (why, reason) => {
        const details = address === UNIX_PEER ? OF_SOCKET_FILE : NO_DETAILS;
        this.#onTurnedAway(addressOf(socket, details), "refused", why, reason);
      },
    });
  }

  /** A proxy that speaks for itself looks whether we are alive. */
  #admitBehind(socket: Socket, proxy: string, { source, certificate }: ProxyHeader): void {
    if (socket.destroyed) return;
    if (source === undefined) {
      this.#admit(socket, "", proxy === UNIX_PEER ? OF_SOCKET_FILE : NO_DETAILS);
      return;
    }
    const { address, port } = source;
    const remoteAddress = placeText(address, port);
    const details = { remoteAddress, ...(certificate && { certificate }) };
    this.#admit(socket, address, details);
  }

  #admit(socket: Socket, address: string, details: ConnectionDetails): void {
    const reason = this.#rules.admission.admit(socket, address);
    if (reason === undefined) {
      this.#next(socket, details);
      return;
    }
    this.#onTurnedAway(addressOf(socket, details), "refused", ADMISSION_WORDS[reason], reason);
    socket.on("error", ignore);
    socket.destroy();
  }
}

const NO_DETAILS: ConnectionDetails = Object.freeze({});
const OF_SOCKET_FILE: ConnectionDetails = Object.freeze({ remoteAddress: UNIX_PEER });

function ignore(): void {}
