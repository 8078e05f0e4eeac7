import type { TurnAwayReason } from "../ports/reasons.js";

/**
 * Told of a peer that a transport turned away before it was a connection of the engine (`refused`),
 * or cut off without the engine knowing why (`hung up`).
 *
 * @param why - In words, with nothing in it that the peer chose.
 */
export type TurnedAway = (
  remoteAddress: string,
  what: "refused" | "hung up",
  why: string,
  reason: TurnAwayReason,
) => void;

/** What a peer seems to speak, by its first bytes. */
export type Spoken = "tls" | "http" | "mqtt" | "proxy" | "unknown";

/** What begins a TLS record with a handshake, and a CONNECT. */
const TLS_HANDSHAKE = 0x16;
const CONNECT = 0x10;
const HTTP = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PRI) /;
const PROXY = /^(PROXY |\r\n\r\n\0\r\nQUIT\n)/;

/** Told by as many bytes as there are: a few are enough. */
export function spokenIn(bytes: Uint8Array | undefined): Spoken {
  const first = bytes?.[0];
  if (bytes === undefined || first === undefined) return "unknown";
  if (first === TLS_HANDSHAKE) return "tls";
  if (first === CONNECT) return "mqtt";
  const text = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  if (PROXY.test(text)) return "proxy";
  return HTTP.test(text) ? "http" : "unknown";
}

/** Why what came to a WebSocket port is turned away, for the log. */
export function spokenInsteadOfHttp(bytes: Uint8Array | undefined): string {
  switch (spokenIn(bytes)) {
    case "tls":
      return "TLS came where plain WebSocket is spoken";
    case "mqtt":
      return "plain MQTT came where WebSocket is spoken";
    case "proxy":
      return UNEXPECTED_PROXY;
    default:
      return "what came is no HTTP request";
  }
}

/** The same for a TLS port. */
export function spokenInsteadOfTls(spoken: Spoken): string {
  switch (spoken) {
    case "mqtt":
      return "plain MQTT came where TLS is spoken";
    case "http":
      return "plain HTTP came where TLS is spoken";
    default:
      return "what came is no TLS";
  }
}

/** Said of whoever is on no list of proxies. [K14] */
export const UNEXPECTED_PROXY = "a PROXY header came where none is expected";
