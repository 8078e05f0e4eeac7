import { createConnection, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { AttackRoom } from "./room.js";

/** A peer that no server has accepted: a bare connection, which says and reads what it is told. */
export class Stranger {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @returns undefined, and noted, when nobody takes the connection. */
  static async dial(room: AttackRoom, port: number): Promise<Stranger | undefined> {
    const socket = createConnection({ host: room.address.host, port, noDelay: true });
    const stranger = new Stranger(socket);
    socket.on("error", () => socket.destroy());
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("close", () => resolve(false));
    });
    if (isOpen) {
      room.note("connections opened");
      return stranger;
    }
    room.note("connections nobody took");
    return undefined;
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  /** Says something, and goes on. */
  say(bytes: Uint8Array): void {
    if (this.open) this.#socket.write(bytes);
  }

  /** The first bytes that come; none when the server closes, or so much time is up. */
  answer(msMax: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(undefined), msMax);
      const closed = (): void => done(undefined);
      const done = (bytes: Uint8Array | undefined): void => {
        clearTimeout(timer);
        this.#socket.off("data", done).off("close", closed);
        resolve(bytes);
      };
      this.#socket.once("data", done).once("close", closed);
      if (!this.open) done(undefined);
    });
  }

  /** Reads nothing on purpose, but learns when the server hangs up. */
  ignore(): void {
    this.#socket.resume();
  }

  leave(): void {
    this.#socket.destroy();
  }
}

/** The first message of a TLS handshake: whoever sends it makes the server sign, and need not go on. */
export function clientHello(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const nobody = new Duplex({
      read: () => undefined,
      write: (bytes: Uint8Array, _encoding, done) => {
        resolve(Uint8Array.from(bytes));
        done();
      },
    });
    connectTls({ socket: nobody, rejectUnauthorized: false }).on("error", () => undefined);
  });
}
