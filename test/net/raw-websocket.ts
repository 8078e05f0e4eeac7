import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A frame as it came: RFC 6455 section 5.2. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** The first bits and the length of a frame, as a test wants them. */
interface FrameShape {
  readonly opcode?: number;
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number;
}

/** One WebSocket frame as a Client sends it, or breaks it. */
export function frame(payload: Uint8Array | string, shape: FrameShape = {}): Buffer {
  const { opcode = Opcode.BINARY, isLast = true, isMasked = true, reserved = 0 } = shape;
  const bytes = Buffer.from(payload);
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  const head =
    bytes.length < 126
      ? Buffer.from([first, maskBit | bytes.length])
      : Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (bytes.length >= 126) head.writeUInt32BE(bytes.length, 6);
  if (!isMasked) return Buffer.concat([head, bytes]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (bytes[at] as number) ^ (mask[at % 4] as number); // within both
  }
  return Buffer.concat([head, mask, bytes]);
}

export interface UpgradeRequest {
  readonly path?: string;
  readonly method?: string;
  /** What is offered; `undefined`: no such header. */
  readonly protocol?: string | undefined;
  /** More header lines, without their ends. */
  readonly headers?: readonly string[];
}

/** The text of a request that asks for a WebSocket. */
export function upgradeRequest(request: UpgradeRequest = {}): string {
  const { path = "/", method = "GET", headers = [] } = request;
  const protocol = "protocol" in request ? request.protocol : "mqtt";
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A WebSocket that a test drives byte by byte, from the request on. */
export class RawWebSocket {
  readonly socket: Socket;
  /** The answer to the request, without the empty line behind it. */
  answer = "";
  readonly frames: Frame[] = [];
  isEnded = false;
  #bytes: Buffer = Buffer.alloc(0);
  #onChange: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#parse();
      this.#onChange();
    });
    const onEnd = (): void => {
      this.isEnded = true;
      this.#onChange();
    };
    for (const event of ["end", "error", "close"]) socket.on(event, onEnd);
  }

  /** Connects, sends a text as it is, and waits for nothing. */
  static async sending(port: number, text: string): Promise<RawWebSocket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return RawWebSocket.through(socket, text);
  }

  /** The same through a connection that is open already, such as one of TLS. */
  static through(socket: Socket, text: string): RawWebSocket {
    const peer = new RawWebSocket(socket);
    socket.write(text);
    return peer;
  }

  /** Asks for a WebSocket and waits for the answer. */
  static async open(port: number, request: UpgradeRequest = {}): Promise<RawWebSocket> {
    const peer = await RawWebSocket.sending(port, upgradeRequest(request));
    await peer.until(() => peer.answer !== "" || peer.isEnded);
    return peer;
  }

  /** Sends each of the bytes as one masked binary frame. */
  send(...payloads: Uint8Array[]): void {
    for (const payload of payloads) this.socket.write(frame(payload));
  }

  /** What binary frames brought so far, joined. */
  get received(): Buffer {
    return Buffer.concat(
      this.frames.filter(({ opcode }) => opcode === Opcode.BINARY).map(({ payload }) => payload),
    );
  }

  /** The code of the close frame, 0 as long as there is none. */
  get closeCode(): number {
    const close = this.frames.find(({ opcode }) => opcode === Opcode.CLOSE);
    return close === undefined ? 0 : close.payload.readUInt16BE(0);
  }

  /** Resolves as soon as something received makes `condition` true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (condition()) resolve();
      };
      this.#onChange();
    });
  }

  ended(): Promise<void> {
    return this.until(() => this.isEnded);
  }

  #parse(): void {
    if (this.answer === "") {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.answer = this.#bytes.subarray(0, end).toString();
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    if (!this.answer.startsWith("HTTP/1.1 101")) return; // what follows is text for people
    for (let size = this.#frameSize(); size > 0; size = this.#frameSize()) {
      const payload = Buffer.from(this.#bytes.subarray(size - this.#payloadSize(), size));
      this.frames.push({ opcode: (this.#bytes[0] as number) & 15, payload }); // it has a size
      this.#bytes = this.#bytes.subarray(size);
    }
  }

  /** Bytes of the next frame if it is whole, else 0. */
  #frameSize(): number {
    if (this.#bytes.length < 2) return 0;
    const small = (this.#bytes[1] as number) & 127; // there are two
    const head = small < 126 ? 2 : small === 126 ? 4 : 10;
    if (this.#bytes.length < head) return 0;
    const size = head + this.#payloadSize();
    return this.#bytes.length < size ? 0 : size;
  }

  #payloadSize(): number {
    const small = (this.#bytes[1] as number) & 127; // its head is whole
    if (small < 126) return small;
    return small === 126 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
  }
}
