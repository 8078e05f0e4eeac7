import { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { nowMs } from "./clock.js";

/** WebSocket pings of one peer answered in a second; one that sends more is hung up on. [K07] */
const PINGS_PER_SECOND_MAX = 50;

/** Close codes, RFC 6455 section 7.4.1. */
const CloseCode = {
  NORMAL: 1000,
  UNSUPPORTED_DATA: 1003,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
} as const;

/** The connection under a WebSocket, as far as it is needed here. */
export interface RawSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array) => void): unknown;
}

/**
 * A WebSocket as the stream of bytes that MQTT wants: frames come and go as they like, whatever the
 * packets in them. [MQTT-6.0.0-2]
 *
 * @param webSocket - Open, and without a message read from it yet.
 * @param raw - The socket below it.
 * @param firstMessageBytesMax - Bytes taken before the first message is whole: until then nobody
 *   knows the peer, and `ws` keeps what it has got of it.
 * @param onHungUp - Told why, when the peer is cut off here.
 * @returns a Duplex that has the peer's address. It ends when the WebSocket closes, and closes it
 *   when it is ended; destroying it drops the connection.
 */
export function streamOver(
  webSocket: WebSocket,
  raw: RawSocket,
  firstMessageBytesMax: number,
  onHungUp: (why: string) => void = ignore,
): Duplex {
  return new WebSocketStream(webSocket, raw, firstMessageBytesMax, onHungUp).duplex;
}

class WebSocketStream {
  readonly duplex: Duplex;
  readonly #webSocket: WebSocket;
  readonly #raw: RawSocket;
  readonly #onRawData = (chunk: Uint8Array): void => this.#countFirst(chunk.length);
  readonly #onHungUp: (why: string) => void;
  #firstMessageBytes: number;
  #hasEnded = false;
  #pingCount = 0;
  #pingsSinceMs = 0;

  constructor(
    webSocket: WebSocket,
    raw: RawSocket,
    firstMessageBytesMax: number,
    onHungUp: (why: string) => void,
  ) {
    this.#onHungUp = onHungUp;
    this.#webSocket = webSocket;
    this.#raw = raw;
    this.#firstMessageBytes = firstMessageBytesMax;
    const { remoteAddress, remotePort } = raw;
    this.duplex = Object.assign(
      new Duplex({
        read: () => this.#read(),
        write: (chunk: Uint8Array, _encoding, done) => this.#write(chunk, done),
        final: (done) => this.#final(done),
        destroy: (error, done) => {
          webSocket.terminate();
          done(error);
        },
      }),
      { remoteAddress, remotePort },
    );
    raw.on("data", this.#onRawData);
    // One Buffer a message: that is the `binaryType` of a server of `ws`.
    webSocket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    webSocket.on("ping", () => this.#countPing());
    webSocket.on("error", (error) => {
      onHungUp(`WebSocket: ${error.message}`); // `ws` has told the peer, and closes
      this.#end();
    });
    webSocket.on("close", () => this.#end());
  }

  #receive(message: Uint8Array, isBinary: boolean): void {
    if (this.#firstMessageBytes > 0) this.#stopCountingFirst();
    if (this.#hasEnded) return;
    if (!isBinary) {
      this.#hangUp(CloseCode.UNSUPPORTED_DATA, "MQTT needs binary frames"); // [MQTT-6.0.0-1]
    } else if (!this.duplex.push(message)) {
      this.#webSocket.pause();
    }
  }

  #read(): void {
    if (this.#webSocket.isPaused) this.#webSocket.resume();
  }

  /** Done when the socket below has let go of the bytes: whoever reads slowly is noticed. */
  #write(bytes: Uint8Array, done: () => void): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) {
      this.#webSocket.send(bytes, () => done()); // an error closes it, and that is told
    } else {
      done();
    }
  }

  /** Everything has been sent. Done when the peer has closed, too: until then it may still be read. */
  #final(done: () => void): void {
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) {
      done();
      return;
    }
    this.#webSocket.once("close", () => done());
    this.#webSocket.close(CloseCode.NORMAL);
  }

  #countFirst(byteCount: number): void {
    if (this.#firstMessageBytes === 0) return; // this very chunk has made a message whole
    this.#firstMessageBytes -= byteCount;
    if (this.#firstMessageBytes > 0 || this.#hasEnded) return;
    this.#stopCountingFirst();
    this.#hangUp(CloseCode.MESSAGE_TOO_BIG, "too much before the first message");
  }

  #stopCountingFirst(): void {
    this.#firstMessageBytes = 0;
    this.#raw.off("data", this.#onRawData);
  }

  #countPing(): void {
    const now = nowMs();
    if (now - this.#pingsSinceMs >= 1_000) {
      this.#pingsSinceMs = now;
      this.#pingCount = 0;
    }
    this.#pingCount += 1;
    if (this.#pingCount > PINGS_PER_SECOND_MAX && !this.#hasEnded) {
      this.#hangUp(CloseCode.POLICY_VIOLATION, "too many pings");
    }
  }

  /** Nothing that comes from now on counts. */
  #hangUp(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    this.#onHungUp(reason);
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.duplex.push(null);
  }
}

function ignore(): void {}
