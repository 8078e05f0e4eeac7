import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { type Door, dial } from "../door.js";
import type { AttackRoom } from "./room.js";

/** A peer that no server has accepted: a bare connection, which says and reads what it is told. */
export class Stranger {
  readonly #stream: Duplex;
  #answered: ((bytes: Uint8Array | undefined) => void) | undefined;

  private constructor(door: Door, host: string, port: number) {
    const localAddress = addressOfStrangers(host);
    const address = { host, port, ...(localAddress !== undefined && { localAddress }) };
    this.#stream = dial(door, address, {
      opened: () => void this.#stream.emit(OPENED),
      received: (bytes, length) => this.#answered?.(bytes.slice(0, length)),
    });
    this.#stream.on("error", () => this.#stream.destroy());
    this.#stream.on("close", () => this.#answered?.(undefined));
  }

  /**
   * Comes in through the server's door, or only as far as TCP at some port.
   *
   * @returns undefined, and noted, when nobody takes the connection, or not in time.
   */
  static async dial(room: AttackRoom, tcpPort?: number): Promise<Stranger | undefined> {
    const { host, port, door = "tcp" } = room.address;
    const stranger =
      tcpPort === undefined ? new Stranger(door, host, port) : new Stranger("tcp", host, tcpPort);
    const isOpen = await stranger.#opens();
    room.note(isOpen ? "connections opened" : "connections nobody took");
    if (isOpen) return stranger;
    stranger.leave();
    return undefined;
  }

  get open(): boolean {
    return !this.#stream.destroyed;
  }

  /** Says something, and goes on. */
  say(bytes: Uint8Array): void {
    if (this.open) this.#stream.write(bytes);
  }

  /** The first bytes that come; none when the server closes, or so much time is up. */
  answer(msMax: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered?.(undefined), msMax);
      this.#answered = (bytes) => {
        clearTimeout(timer);
        this.#answered = undefined;
        resolve(bytes);
      };
      if (!this.open) this.#answered(undefined);
    });
  }

  leave(): void {
    this.#stream.destroy();
  }

  async #opens(): Promise<boolean> {
    const stream = this.#stream;
    const isOpen = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), OPEN_MS_MAX);
      const done = (is: boolean): void => {
        clearTimeout(timer);
        resolve(is);
      };
      stream.once(OPENED, () => done(true)).once("close", () => done(false));
    });
    return isOpen;
  }
}

/** Strangers are somebody else: what a server holds against their address must not meet the innocent pair. */
function addressOfStrangers(host: string): string | undefined {
  const hasMany = process.platform === "linux" && host.startsWith("127.");
  return hasMany ? STRANGERS : undefined;
}

const STRANGERS = "127.66.6.6";
const OPENED = Symbol("opened");
/** A server that is busy with handshakes lets others wait; whoever floods tries again. */
const OPEN_MS_MAX = 5_000;

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
