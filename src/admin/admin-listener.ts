import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";

/** Answers requests. A Hono app's `fetch` is one. */
export type AnswerRequest = (
  request: Request,
  env: { readonly incoming: IncomingMessage },
) => Response | Promise<Response>;

/** Takes an upgrade, as `node:http` tells of it. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Where it listens. */
export interface AdminAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A peer that sends slowly, or many that send nothing, cost little. */
const HEADERS_MS_MAX = 5_000;
const REQUEST_MS_MAX = 10_000;
const IDLE_MS_MAX = 5_000;
const CONNECTIONS_MAX = 100;
/**
 * A URL may name a client or a topic of 65,535 bytes, of which every one takes three characters, and a
 * cursor as long: Node's 16 KiB would do for short ones only.
 */
const HEADER_BYTES_MAX = 256 * 1024;
/** How often Node looks for requests that take too long. */
const CHECKED_MS = 1_000;

/** The HTTP listener for the people who run the server. */
export class AdminListener {
  readonly #server: Server;

  /** @param requestMsMax - How long a request may take to come, in ms. */
  constructor(answer: AnswerRequest, requestMsMax = REQUEST_MS_MAX) {
    this.#server = createAdaptorServer({
      fetch: (request, env) => answer(request, env as HttpBindings),
      serverOptions: {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: Math.min(HEADERS_MS_MAX, requestMsMax),
        requestTimeout: requestMsMax,
        keepAliveTimeout: IDLE_MS_MAX,
        connectionsCheckingInterval: Math.min(CHECKED_MS, requestMsMax),
      },
    }) as Server; // over node:http, by default
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** @returns its URL. @throws what Node says when it cannot, with its `code`. */
  listen({ host, port }: AdminAddress): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        const bound = typeof address === "object" ? (address?.port ?? port) : port;
        resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`);
      });
    });
  }

  /** Whoever takes WebSockets; without it they are refused. */
  onUpgrade(take: Upgrade): void {
    this.#server.on("upgrade", take);
  }

  /** Accepts no more, and ends what is under way. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
