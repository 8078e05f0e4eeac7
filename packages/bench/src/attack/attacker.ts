import type { Duplex } from "node:stream";
import { type Door, dial } from "../door.js";
import { PacketType } from "../mqtt.js";
import { PacketScanner, type PacketSink } from "../packet-scanner.js";
import { encodeHello, type Hello } from "./packets.js";

/** Where the server is. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** What it speaks at that port; undefined: plain TCP. */
  readonly door?: Door | undefined;
  /** Where it speaks TLS; undefined: nowhere. */
  readonly tlsPort?: number | undefined;
  /** Of clients that are let in; undefined: it asks for none. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * One connection of an attack: writes what it is told as fast as the server takes it, reads whatever
 * comes, acknowledges at QoS 1, and counts.
 */
export class Attacker implements PacketSink {
  /** PUBLISH packets that came. */
  received = 0;
  /** Topic Filters the server would not grant. */
  refusedFilters = 0;
  readonly #scanner = new PacketScanner();
  readonly #waiting = new Map<number, (came: boolean) => void>();
  #socket: Duplex | undefined;
  #returnCode = 0;

  /**
   * Connects, and waits for CONNACK.
   *
   * @returns undefined when the server closes, refuses, or does not answer in ten seconds.
   */
  static async connect(address: Address, hello: Hello): Promise<Attacker | undefined> {
    const attacker = new Attacker();
    return (await attacker.#open(address, hello)) ? attacker : undefined;
  }

  get open(): boolean {
    return this.#socket?.destroyed === false;
  }

  /** Writes; resolves when the kernel has taken all of it, with whether the connection is open. */
  write(bytes: Uint8Array): Promise<boolean> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const taken = (): void => {
        socket.off("close", taken);
        resolve(!socket.destroyed);
      };
      socket.once("close", taken);
      if (socket.write(bytes) || socket.writableLength === 0) setImmediate(taken);
      else socket.once("drain", taken);
    });
  }

  /** Writes, and waits for the next packet of a type; false when the connection ends before that. */
  async ask(bytes: Uint8Array, type: number): Promise<boolean> {
    if (!this.open) return false;
    const answer = this.#answer(type);
    this.#socket?.write(bytes);
    return answer;
  }

  /** Goes without a word: no DISCONNECT, so that a Will is published. */
  drop(): void {
    this.#socket?.destroy();
  }

  /** Says good-bye; resolves when the server has closed, at the latest after two seconds. */
  leave(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const atLatest = setTimeout(() => socket.destroy(), LEAVE_MS_MAX);
      socket.once("close", () => {
        clearTimeout(atLatest);
        resolve();
      });
      socket.end(Buffer.from([PacketType.DISCONNECT << 4, 0]));
    });
  }

  packet(bytes: Uint8Array, at: number, bodyAt: number, end: number): void {
    const firstByte = bytes[at] as number; // the scanner found a whole packet
    const type = firstByte >> 4;
    if (type === PacketType.PUBLISH) {
      this.received += 1;
      if ((firstByte & 6) === 2) this.#acknowledge(bytes, bodyAt);
      return;
    }
    if (type === PacketType.CONNACK) this.#returnCode = bytes[bodyAt + 1] as number;
    if (type === PacketType.SUBACK) {
      for (let code = bodyAt + 2; code < end; code += 1) {
        if (bytes[code] === 0x80) this.refusedFilters += 1;
      }
    }
    this.#answered(type, true);
  }

  async #open(address: Address, hello: Hello): Promise<boolean> {
    const { host, port, username, password, door = "tcp" } = address;
    const answer = this.#answer(PacketType.CONNACK);
    const socket = dial(
      door,
      { host, port },
      {
        opened: () => void socket.write(encodeHello({ ...hello, username, password })),
        received: (bytes, length) => this.#receive(bytes, length),
      },
    );
    this.#socket = socket;
    const atLatest = setTimeout(() => socket.destroy(), CONNECT_MS_MAX);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const type of [...this.#waiting.keys()]) this.#answered(type, false);
    });
    const accepted = (await answer) && this.open;
    clearTimeout(atLatest);
    if (accepted && this.#returnCode === 0) return true;
    socket.destroy();
    return false;
  }

  #answer(type: number): Promise<boolean> {
    return new Promise((resolve) => this.#waiting.set(type, resolve));
  }

  #receive(bytes: Uint8Array, length: number): void {
    try {
      this.#scanner.scan(bytes, length, this);
    } catch {
      this.#socket?.destroy(); // it speaks no MQTT
    }
  }

  #acknowledge(bytes: Uint8Array, bodyAt: number): void {
    const idAt = bodyAt + 2 + (((bytes[bodyAt] as number) << 8) | (bytes[bodyAt + 1] as number));
    const [high, low] = [bytes[idAt] as number, bytes[idAt + 1] as number];
    this.#socket?.write(Buffer.from([PacketType.PUBACK << 4, 2, high, low]));
  }

  #answered(type: number, came: boolean): void {
    const resolve = this.#waiting.get(type);
    this.#waiting.delete(type);
    resolve?.(came);
  }
}

const CONNECT_MS_MAX = 10_000;
const LEAVE_MS_MAX = 2_000;
