import type { AddressInfo, Server } from "node:net";

/** Time after which listening is tried again when no more connections could be accepted. [I11] */
const PAUSE_MS = 1_000;
/** Connections the kernel keeps for us until we accept them, as far as it allows. */
const BACKLOG = 4_096;

export interface ListenAddress {
  /** `""` for a socket file. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The name of a socket file, where it is one. */
  readonly path?: string;
}

/** Keeps one server of Node's listening at one address until it is closed. */
export class ListeningServer {
  readonly #makeServer: () => Server;
  readonly #onError: (error: Error) => void;
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param makeServer - Makes a server that does not listen yet: again after each pause. */
  constructor(makeServer: () => Server, onError: (error: Error) => void) {
    this.#makeServer = makeServer;
    this.#onError = onError;
  }

  /**
   * Starts to listen.
   *
   * @returns where: with the real port instead of 0.
   * @throws what Node says when it cannot, with its `code`: `EADDRINUSE`, `EACCES`, ...
   */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      const server = this.#makeServer();
      server.once("error", reject);
      const place = address.path === undefined ? address : { path: address.path };
      server.listen({ ...place, backlog: BACKLOG }, () => {
        server.off("error", reject);
        const bound = address.path === undefined ? boundTo(server) : address;
        server.on("error", (error) => this.#pause(server, bound, error));
        this.#server = server;
        resolve(bound);
      });
    });
  }

  /** Accepts no more connections. Those accepted are not touched. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#server?.close();
  }

  /**
   * Too few descriptors or too little memory: stops accepting for a while. With the socket still
   * listening the same error would come again at once, for ever. [I11]
   */
  #pause(server: Server, address: ListenAddress, error: Error): void {
    if (this.#server !== server) return;
    this.#server = undefined;
    server.close();
    this.#listenLater(address); // first: who is told may throw
    this.#onError(error);
  }

  #listenLater(address: ListenAddress): void {
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => this.#listenAgain(address), PAUSE_MS);
  }

  async #listenAgain(address: ListenAddress): Promise<void> {
    try {
      await this.listen(address);
    } catch (error) {
      this.#listenLater(address);
      this.#onError(error as Error); // Node rejects with Errors only
      return;
    }
    if (this.#isClosed) this.close();
  }
}

function boundTo(server: Server): ListenAddress {
  const { address: host, port } = server.address() as AddressInfo; // TCP, and listening
  return { host, port };
}
