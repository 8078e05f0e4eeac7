import type { Logger } from "../log/logger.js";
import { UsageError } from "../protocol/errors.js";

/** How a node reaches the NATS servers of its cluster. */
export interface NatsOptions {
  /** Which cluster: nodes with the same name and servers are one broker. */
  readonly name: string;
  /** `nats://10.0.0.1:4222`, `tls://...` with TLS; best all of them. Others are learnt from these. */
  readonly servers: readonly string[];
  /** File with what signs in: .creds of NATS, an nkey seed, user:password, or a token. */
  readonly credentials?: string | undefined;
  readonly tls?: NatsTls | undefined;
  /** Where lines about the connection go. Default: nowhere. */
  readonly logger?: Logger | undefined;
  /** How long a start waits for servers that do not answer. Default 30,000. */
  readonly startMs?: number | undefined;
}

/** Files in PEM. Read again at each connect. */
export interface NatsTls {
  /** Authorities that sign the certificates of the servers. Default: those of Node. */
  readonly ca?: string | undefined;
  /** What this node shows, with its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** In words, for option tables. */
export const SERVER_URLS =
  "nats://host:port, tls://host:port or host:port, without user, password and path";

/** Whether a text names a server of NATS, and holds no secret. */
export function isServerUrl(text: string): boolean {
  const found =
    /^(?:(?:nats|tls):\/\/)?([^\s/@?#:[\]]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?\/?$/.exec(text);
  if (found === null) return false;
  const [, , port] = found;
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** @throws UsageError naming what is wrong. */
export function checkServers(servers: readonly string[]): void {
  if (servers.length === 0)
    throw new UsageError(`cluster.servers is empty; allowed: ${SERVER_URLS}`);
  for (const server of servers) {
    if (isServerUrl(server)) continue;
    // It may hold a password: nobody may read it.
    throw new UsageError(`cluster.servers has one that cannot be; allowed: ${SERVER_URLS}`);
  }
}

/** Whether the connection begins with or turns to TLS whatever the server says. */
export function wantsTls({ servers, tls }: NatsOptions): boolean {
  return tls !== undefined || servers.some((server) => server.startsWith("tls://"));
}
