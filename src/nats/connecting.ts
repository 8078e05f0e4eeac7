import { setTimeout as delay } from "node:timers/promises";
import {
  connect as connectNats,
  errors,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { type NatsOptions, wantsTls } from "./options.js";
import { signInFrom } from "./sign-in.js";
import { ClusterError, connectionText, isPassing } from "./words.js";

/** A server that has stopped without a word is found dead after three of these. */
const PING_MS = 2_000;
const UNANSWERED_PINGS_MAX = 2;
/** For one server to answer. */
const CONNECT_MS = 4_000;
/** Between two attempts at the same server. */
const AGAIN_MS = 250;
/** What has all that the order log needs; older ones republish nothing. */
const VERSION_LEAST = [2, 9] as const;

/** How long a start waits for servers that do not answer, unless told otherwise. */
export const START_MS = 30_000;

/**
 * Connects to the first of the servers that answers. The connection looks for another one by itself
 * when that is gone, for ever.
 *
 * @param deadlineMs - In `performance.now()`: until then servers that do not answer are waited for.
 * @throws ClusterError when they do not, or refuse.
 */
export async function connect(options: NatsOptions, deadlineMs: number): Promise<NatsConnection> {
  const { servers, logger } = options;
  const given = connectionOptions(options);
  let isTold = false;
  for (;;) {
    try {
      return checked(await connectNats(given), servers);
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      const text = connectionText(error, servers) + certificateHint(error, options);
      if (!isPassing(error) || performance.now() >= deadlineMs) throw new ClusterError(text);
      if (!isTold) logger?.warn?.(`${text}; trying again`, {});
      isTold = true;
      await delay(AGAIN_MS);
    }
  }
}

/** By TLS 1.3 a server that misses a certificate says so too late for the library to hear it. */
function certificateHint(error: unknown, options: NatsOptions): string {
  const mayWant = error instanceof errors.TimeoutError && wantsTls(options);
  if (!mayWant || options.tls?.cert !== undefined) return "";
  return " NATS may want a certificate of this node: give it as cluster.tlsCert and cluster.tlsKey";
}

function connectionOptions(options: NatsOptions): NodeConnectionOptions {
  const { servers, credentials, tls, name } = options;
  return {
    name: `beeline ${name}`,
    servers: [...servers],
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: UNANSWERED_PINGS_MAX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: AGAIN_MS,
    reconnectJitter: AGAIN_MS,
    reconnectJitterTLS: AGAIN_MS,
    ignoreAuthErrorAbort: true, // whoever runs NATS may correct it
    noAsyncTraces: true, // a stack trace for each request costs more than the request
    ...(credentials === undefined ? {} : { authenticator: signInFrom(credentials) }),
    ...(wantsTls(options) ? { tls: tlsOf(tls) } : {}),
  };
}

function tlsOf(tls: NatsOptions["tls"] = {}): NonNullable<NodeConnectionOptions["tls"]> {
  return {
    ...(tls.ca === undefined ? {} : { caFile: tls.ca }),
    ...(tls.cert === undefined ? {} : { certFile: tls.cert }),
    ...(tls.key === undefined ? {} : { keyFile: tls.key }),
  };
}

function checked(nats: NatsConnection, servers: readonly string[]): NatsConnection {
  const { version = "0" } = nats.info ?? {};
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorLeast, minorLeast] = VERSION_LEAST;
  if (major > majorLeast || (major === majorLeast && minor >= minorLeast)) return nats;
  void nats.close();
  throw new ClusterError(
    `NATS at ${servers.join(", ")} is version ${version}: a cluster needs ${VERSION_LEAST.join(".")} or later`,
  );
}
