import type { ListenAddress } from "./listening-server.js";

export type { ListenAddress };

/** What `localhost` is, whatever this machine's list of names says. */
const LOCALHOST = ["127.0.0.1", "::1"] as const;
/** Ports tried when any is wanted, until one is free in both families. */
const ATTEMPTS = 10;
/** How the system says that it does not have a family of addresses. */
const NO_SUCH_FAMILY = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT"];

/** What listens at one address. */
export interface ListeningSocket {
  /** @returns where: with the real port instead of 0. @throws what Node says when it cannot. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** Accepts no more connections. Those accepted are not touched. */
  close(): void;
}

/**
 * Keeps sockets listening until it is closed, whatever happens to single connections:
 * one for an address, two for `localhost`, which programs look up in either family.
 */
export class Listener {
  readonly #make: () => ListeningSocket;
  #listening: ListeningSocket[] = [];
  #isClosed = false;

  /** @param make - Makes one that does not listen yet, for each address. */
  constructor(make: () => ListeningSocket) {
    this.#make = make;
  }

  /**
   * Starts to listen.
   *
   * @returns where: with the real port instead of 0; `localhost` where that is both of its addresses.
   * @throws what Node says when it cannot, with its `code`: `EADDRINUSE`, `EACCES`, ...
   */
  async listen(address: ListenAddress): Promise<ListenAddress> {
    if (address.host !== "localhost") return this.#listenAt(address);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#listenAtBoth(address.port);
      } catch (error) {
        for (const server of this.#listening.splice(0)) server.close();
        const isTaken = codeOf(error) === "EADDRINUSE"; // in the other family, where any was wanted
        if (!isTaken || address.port !== 0 || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Accepts no more connections. Those accepted are not touched. */
  close(): void {
    this.#isClosed = true;
    for (const server of this.#listening.splice(0)) server.close();
  }

  async #listenAtBoth(wantedPort: number): Promise<ListenAddress> {
    const bound: ListenAddress[] = [];
    let missing: unknown;
    for (const host of LOCALHOST) {
      try {
        bound.push(await this.#listenAt({ host, port: bound[0]?.port ?? wantedPort }));
      } catch (error) {
        if (!NO_SUCH_FAMILY.includes(codeOf(error) ?? "")) throw error;
        missing = error;
      }
    }
    const [first] = bound;
    if (first === undefined) throw missing;
    return bound.length === LOCALHOST.length ? { host: "localhost", port: first.port } : first;
  }

  async #listenAt(address: ListenAddress): Promise<ListenAddress> {
    const server = this.#make();
    const bound = await server.listen(address);
    this.#listening.push(server);
    if (this.#isClosed) this.close(); // meanwhile
    return bound;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
