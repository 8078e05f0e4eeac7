import type { Duplex } from "node:stream";
import type { AddressBook } from "../net/address-book.js";
import { Admission } from "../net/admission.js";
import { Entrance, type TakeSocket } from "../net/entrance.js";
import type { Handshakes } from "../net/handshakes.js";
import type { ListenAddress } from "../net/listener.js";
import type { NativeSockets } from "../net/native/native-sockets.js";
import { isLocalAddress, UNIX_PEER } from "../net/peer-address.js";
import { addressOf, type ConnectionDetails } from "../net/peer-details.js";
import { Proxies } from "../net/proxies.js";
import { listenAtFile } from "../net/socket-file.js";
import { type StreamTraits, traitsOf } from "../net/stream-traits.js";
import { tcpListener } from "../net/tcp-listener.js";
import type { TurnedAway } from "../net/turned-away.js";
import type { WebSocketBounds } from "../net/websocket-upgrade.js";
import type { Limits } from "../ports/limits.js";
import { UsageError } from "../protocol/errors.js";
import type { Listening, WebSocketOptions } from "./listening.js";

/** A browser may join very many packets in one message. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** Gets what comes in, what it does, and what is known of the peer besides. */
export type OnStream = (stream: Duplex, traits: StreamTraits, details: ConnectionDetails) => void;

/** What all listeners of one broker share. */
export interface ListenerHost {
  readonly limits: Limits;
  /** Whether MQTT 3.1 is spoken, which has a WebSocket subprotocol of its own. */
  readonly mqtt31: boolean;
  readonly handshakes: Handshakes;
  readonly addresses: AddressBook;
  /** Sockets without Node's streams. @throws Error that says why there are none. */
  readonly native: () => Promise<NativeSockets>;
}

/** What one listener tells. */
export interface OnCame {
  readonly stream: OnStream;
  /** Accepting fails; it goes on all the same. */
  readonly error: (error: Error) => void;
  readonly turnedAway: TurnedAway;
  /** What the listener is called, as soon as that is known. */
  readonly name: () => string | undefined;
  /** Node's sockets are used, although others were preferred. */
  readonly fellBack: (why: string) => void;
}

/** A place where Clients connect. */
export interface BrokerListener {
  /** Starts to listen. @throws what Node says when it cannot, with its `code`. */
  listen(): Promise<ListenAddress>;
  /** Accepts no more, and drops what is no connection yet. Those accepted are not touched. */
  close(): void;
  /** Reads its certificates again: what is returned puts them into use. @throws TlsFileError */
  reload?(): () => void;
}

/**
 * A listener that does not listen yet. `ws` and TLS are loaded for those only who need them.
 *
 * @throws TlsFileError for certificates that TLS cannot be spoken with.
 */
export async function listenerFor(
  listening: Listening,
  host: ListenerHost,
  on: OnCame,
): Promise<BrokerListener> {
  const { webSocket } = listening;
  if (webSocket?.server !== undefined) {
    const { AttachedWebSockets } = await import("../net/attached-websockets.js");
    const bounds = boundsOf(webSocket, host);
    return new AttachedWebSockets(webSocket.server, bounds, on.stream, on.turnedAway);
  }
  const closers: (() => void)[] = [];
  const spoken: Spoken = {
    next: (socket, details) => on.stream(socket, traitsOf(socket), details),
  };
  if (webSocket !== undefined) await addWebSocket(spoken, closers, webSocket, host, on);
  if (listening.tls !== undefined) await addTls(spoken, closers, listening.tls, host, on);
  const native = await nativeFor(listening, host, on);
  if (native !== undefined) return nativeListener(listening, native, host, on);
  return socketListener(listening, spoken, closers, host, on);
}

/** @returns `undefined`: Node's sockets are to be used. @throws UsageError */
async function nativeFor(
  { transport }: Listening,
  host: ListenerHost,
  on: OnCame,
): Promise<NativeSockets | undefined> {
  if (transport === "net") return undefined;
  try {
    return await host.native();
  } catch (error) {
    const { message } = error as Error; // of ensureNative
    if (transport === "auto") on.fellBack(message);
    else throw new UsageError(`transport "native" is not possible here: ${message}`);
    return undefined;
  }
}

function nativeListener(
  listening: Listening,
  native: NativeSockets,
  { addresses }: ListenerHost,
  on: OnCame,
): BrokerListener {
  const { address, bounds } = listening;
  const listener = native.listener({
    knownAddress: knownAddressOf(listening),
    admission: new Admission(addresses, bounds),
    name: on.name,
    onError: on.error,
    onTurnedAway: on.turnedAway,
  });
  return { listen: () => listener.listen(address), close: () => listener.close() };
}

/** What a new connection meets, from the outside in. */
interface Spoken {
  next: TakeSocket;
  reload?: () => () => void;
}

async function addWebSocket(
  spoken: Spoken,
  closers: (() => void)[],
  webSocket: WebSocketOptions,
  host: ListenerHost,
  on: OnCame,
): Promise<void> {
  const { WebSocketDoor } = await import("../net/websocket-door.js");
  const bounds = boundsOf(webSocket, host);
  const door = new WebSocketDoor(bounds, host.handshakes, on.stream, on.turnedAway);
  spoken.next = (socket, details) => door.take(socket, details);
  closers.push(() => door.close());
}

async function addTls(
  spoken: Spoken,
  closers: (() => void)[],
  files: NonNullable<Listening["tls"]>,
  { handshakes, limits }: ListenerHost,
  on: OnCame,
): Promise<void> {
  const { TlsDoor } = await import("../net/tls-door.js");
  const door = new TlsDoor<ConnectionDetails>(
    files,
    handshakes,
    () => limits.handshakeTimeoutMs,
    spoken.next,
    (socket, details, why, reason) =>
      on.turnedAway(addressOf(socket, details), "refused", why, reason),
  );
  spoken.next = (socket, details) => door.take(socket, details);
  spoken.reload = () => door.reload();
  closers.push(() => door.close());
}

function socketListener(
  listening: Listening,
  { next, reload }: Spoken,
  closers: readonly (() => void)[],
  { addresses, handshakes, limits }: ListenerHost,
  on: OnCame,
): BrokerListener {
  const { address, bounds, file, proxies } = listening;
  const rules = {
    knownAddress: knownAddressOf(listening),
    admission: new Admission(addresses, bounds),
    proxies: proxies.length === 0 ? undefined : new Proxies(proxies),
    handshakes,
    timeMs: () => limits.handshakeTimeoutMs,
  };
  const entrance = new Entrance(rules, next, on.turnedAway);
  const listener = tcpListener((socket) => entrance.take(socket), on.error);
  return {
    async listen() {
      if (file === undefined) return listener.listen(address);
      await listenAtFile(listener, file);
      return address;
    },
    close() {
      listener.close();
      for (const close of closers) close();
    },
    ...(reload && { reload }),
  };
}

/** From where nobody but this machine comes, no address need be asked for. */
function knownAddressOf({ address, file, proxies }: Listening): string | undefined {
  if (file !== undefined) return UNIX_PEER;
  const isLocalOnly = address.host === "localhost" || isLocalAddress(address.host);
  return isLocalOnly && proxies.length === 0 ? "" : undefined;
}

/** The limits that matter while bytes are on their way in a WebSocket. */
function boundsOf(webSocket: WebSocketOptions, { limits, mqtt31 }: ListenerHost): WebSocketBounds {
  const { packetBytesMax, connectBytesMax, pipelinedBytesMax, unfinishedTotalBytesMax } = limits;
  const {
    path,
    origins,
    messageBytesMax = Math.max(MESSAGE_BYTES_MAX, 2 * packetBytesMax),
  } = webSocket;
  // CONNECT, and what may wait behind it. [M19] [M20]
  const firstMessageBytesMax = connectBytesMax + pipelinedBytesMax;
  return { path, origins, messageBytesMax, firstMessageBytesMax, unfinishedTotalBytesMax, mqtt31 };
}
