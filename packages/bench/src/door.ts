import { createConnection, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { dialTls, type TlsMode } from "./tls-socket.js";
import { WebSocketClient } from "./websocket-client.js";

/** The ways into a broker: plain TCP, TLS, and WebSockets over each of them. */
export const DOORS = ["tcp", "tls", "ws", "wss"] as const;
export type Door = (typeof DOORS)[number];

/** Whoever is told what comes through a door. */
export interface DoorEvents {
  /** MQTT can be spoken. */
  opened(): void;
  /** Only the first `length` bytes count, and only during the call. */
  received(bytes: Uint8Array, length: number): void;
}

/** Opens a connection through a door; `error` and `close` of the stream tell how it ends. */
export function dial(
  door: Door,
  { host, port, localAddress }: TcpNetConnectOpts,
  events: DoorEvents,
  tls: TlsMode = "full",
): Duplex {
  const address = {
    host,
    port,
    noDelay: true,
    ...(localAddress !== undefined && { localAddress }),
  };
  const isSecure = door === "tls" || door === "wss";
  if (door === "ws" || door === "wss") {
    const raw = isSecure ? dialTls(address, tls) : createConnection(address);
    const stream = new WebSocketClient(raw, `${host}:${port}`);
    stream.on("data", (bytes: Buffer) => events.received(bytes, bytes.length));
    return stream.on("open", () => events.opened());
  }
  const callback = (length: number): boolean => {
    events.received(SHARED_READ_BUFFER, length);
    return true;
  };
  const options = { ...address, onread: { buffer: SHARED_READ_BUFFER, callback } };
  return isSecure
    ? dialTls(options, tls).on("secureConnect", () => events.opened())
    : createConnection(options).on("connect", () => events.opened());
}

/** All sockets of a process read into it: what is read is done with before the next read. */
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(65_536);
