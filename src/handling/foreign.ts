import { type OrderViolationCode, orderError } from "../protocol/errors.js";
import type { Connection } from "../state/connection.js";

/** The first bytes of what others speak; `undefined`: any byte. None of them begins a CONNECT. */
const BEGINNINGS: readonly (readonly [OrderViolationCode, readonly (number | undefined)[]])[] = [
  ["tls-hello", [0x16, 0x03, undefined, undefined, undefined, 0x01]], // a record with a ClientHello
  ["proxy-header", [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]], // v2
  ["proxy-header", ascii("PROXY ")],
  ...[
    "GET ",
    "HEAD ",
    "POST ",
    "PUT ",
    "DELETE ",
    "OPTIONS ",
    "PATCH ",
    "TRACE ",
    "CONNECT ",
    "PRI * ",
  ].map((method) => ["http-request", ascii(method)] as const),
];

/**
 * Says what a peer speaks instead of MQTT, where that can be told: "the first packet is not CONNECT"
 * helps nobody who has pointed a browser or a TLS client at this port.
 *
 * @param bytes - What it sent, in one chunk: whoever sends a request in crumbs is not recognised.
 */
export function nameForeign(connection: Connection, bytes: Uint8Array): void {
  const { violation, connecting } = connection;
  if (violation === undefined || connecting !== undefined) return;
  const code = foreignProtocol(bytes);
  if (code !== undefined) connection.violation = orderError(code, 0);
}

/** What the first bytes of a connection belong to, if it is not MQTT. */
export function foreignProtocol(bytes: Uint8Array): OrderViolationCode | undefined {
  return BEGINNINGS.find(([, beginning]) => beginsWith(bytes, beginning))?.[0];
}

function beginsWith(bytes: Uint8Array, beginning: readonly (number | undefined)[]): boolean {
  return beginning.every((byte, index) => {
    const own = bytes[index];
    return own !== undefined && (byte === undefined || byte === own);
  });
}

function ascii(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
