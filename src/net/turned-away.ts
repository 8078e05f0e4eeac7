/**
 * Told of a peer that a transport turned away before it was a connection of the engine (`refused`),
 * or cut off without the engine knowing why (`hung up`).
 *
 * @param why - In words, with nothing in it that the peer chose.
 */
export type TurnedAway = (remoteAddress: string, what: "refused" | "hung up", why: string) => void;

/** What begins a TLS record and a CONNECT, for ports where neither is spoken. */
const TLS_HANDSHAKE = 0x16;
const CONNECT = 0x10;

/** What a peer seems to speak that does not speak HTTP to a WebSocket port, for the log. */
export function spokenInsteadOfHttp(bytes: Uint8Array | undefined): string {
  switch (bytes?.[0]) {
    case TLS_HANDSHAKE:
      return "TLS came where plain WebSocket is spoken";
    case CONNECT:
      return "plain MQTT came where WebSocket is spoken";
    default:
      return "what came is no HTTP request";
  }
}
