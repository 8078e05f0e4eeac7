import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A wire between a node and a NATS server, which can be cut. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  #isCut = false;

  private constructor(target: number) {
    this.#port = target;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every connection ends, and no new one is made, until it is {@link mend}ed. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections stand, and nothing passes: what comes is lost at the next {@link cut}. */
  hang(): void {
    for (const socket of this.#sockets) socket.pause();
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    const target = connect(this.#port, "127.0.0.1");
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on("data", (bytes) => other.write(bytes));
      one.on("error", () => undefined); // "close" follows
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
