import { randomBytes } from "node:crypto";
import { Duplex } from "node:stream";

/** What a frame is, in its first byte. RFC 6455, section 5.2 */
const Opcode = { CONTINUATION: 0, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;
const FINAL = 0x80;
const MASKED = 0x80;
const HEADERS_END = "\r\n\r\n";
const HEADERS_BYTES_MAX = 16_384;

/**
 * MQTT in WebSocket frames over a connection that is there: each write is one binary frame, what comes is
 * read across frames. `open` tells that the server has agreed. It knows as much of RFC 6455 as a client
 * needs that measures: it takes no extension, and does not check `Sec-WebSocket-Accept`.
 */
export class WebSocketClient extends Duplex {
  readonly #raw: Duplex;
  readonly #mask = randomBytes(4);
  #isOpen = false;
  /** What came and could not be read yet: of the answer's headers, or of a frame's head. */
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes to come of the payload of a frame with data. */
  #left = 0;

  /** @param host - What the request names: `127.0.0.1:8083`. */
  constructor(raw: Duplex, host: string) {
    super({ allowHalfOpen: false });
    this.#raw = raw;
    raw.on("data", (bytes: Buffer) => this.#received(bytes));
    raw.on("end", () => this.destroy());
    raw.on("error", (error) => this.destroy(error));
    raw.on("close", () => this.destroy());
    raw.write(
      `GET /mqtt HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}${HEADERS_END}`,
    );
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (bytes.length === 0 || this.#sent(Opcode.BINARY, bytes)) done();
    else this.#raw.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#raw.end(this.#frame(Opcode.CLOSE, Buffer.of(0x03, 0xe8))); // 1000: normal
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  /** @returns whether the connection has taken it. */
  #sent(opcode: number, payload: Buffer): boolean {
    this.#raw.write(this.#frame(opcode, payload));
    return !this.#raw.writableNeedDrain;
  }

  #frame(opcode: number, payload: Buffer): Buffer {
    const { length } = payload;
    const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const headBytes = 2 + lengthBytes + 4;
    const frame = Buffer.allocUnsafe(headBytes + length);
    frame[0] = FINAL | opcode;
    frame[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
    if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
    if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
    this.#mask.copy(frame, headBytes - 4);
    for (let at = 0; at < length; at += 1) {
      frame[headBytes + at] = (payload[at] as number) ^ (this.#mask[at & 3] as number); // in range
    }
    return frame;
  }

  #received(bytes: Buffer): void {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = NOTHING;
    if (this.#isOpen) this.#frames(all);
    else this.#answer(all);
  }

  #answer(bytes: Buffer): void {
    const end = bytes.indexOf(HEADERS_END);
    if (end < 0 && bytes.length < HEADERS_BYTES_MAX) {
      this.#pending = bytes;
      return;
    }
    const [line = ""] = bytes.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
    if (!line.startsWith("HTTP/1.1 101 ")) {
      this.destroy(new Error(`the server does not speak WebSocket here: ${JSON.stringify(line)}`));
      return;
    }
    this.#isOpen = true;
    this.emit("open");
    this.#frames(bytes.subarray(end + HEADERS_END.length));
  }

  /** Reads frames, and parts of frames with data, as far as they are there. */
  #frames(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.destroyed) {
      if (this.#left > 0) {
        at = this.#data(bytes, at);
        continue;
      }
      const head = headOf(bytes, at);
      if (head === undefined) break;
      const { opcode, bodyAt, length } = head;
      if (opcode === Opcode.BINARY || opcode === Opcode.CONTINUATION) {
        this.#left = length;
        at = bodyAt;
        continue;
      }
      if (bodyAt + length > bytes.length) break;
      this.#control(opcode, bytes.subarray(bodyAt, bodyAt + length));
      at = bodyAt + length;
    }
    if (at < bytes.length) this.#pending = Buffer.from(bytes.subarray(at));
  }

  #data(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (!this.push(bytes.subarray(at, end))) this.#raw.pause();
    return end;
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.PING) this.#sent(Opcode.PONG, payload);
    else if (opcode === Opcode.CLOSE) this.destroy();
  }
}

interface FrameHead {
  readonly opcode: number;
  readonly bodyAt: number;
  readonly length: number;
}

/** Undefined: not all of it is there. */
function headOf(bytes: Buffer, at: number): FrameHead | undefined {
  const opcode = (bytes[at] as number) & 0x0f; // at < length
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  const bodyAt = at + 2 + (short < 126 ? 0 : short === 126 ? 2 : 8);
  if (bodyAt > bytes.length) return undefined;
  if (short < 126) return { opcode, bodyAt, length: short };
  const isTwo = short === 126;
  const length = isTwo ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { opcode, bodyAt, length };
}

const NOTHING = Buffer.alloc(0);
