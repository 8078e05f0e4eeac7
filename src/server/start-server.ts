import type { Credentials } from "../auth/credentials.js";
import type { ListenOptions, WebSocketOptions } from "../library/listening.js";
import { createBroker, type MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { openToOthers } from "../store/store-folder.js";
import { type CredentialsConfig, credentialsFor, hooksOf } from "./credentials.js";
import type { LogConfig } from "./log-config.js";

/** What the bundled server is started with. */
export interface ServerConfig extends CredentialsConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where Clients connect by WebSocket, at the same host; `undefined`: nowhere. */
  readonly webSocket?: (WebSocketOptions & { readonly port: number }) | undefined;
  readonly broker: BrokerOptions;
  /** Where state is kept; `undefined`: in memory only. */
  readonly store: LmdbStoreOptions | undefined;
  /** Default: level `info`; text on a terminal, else JSON. */
  readonly log?: Partial<LogConfig> | undefined;
}

export interface RunningServer {
  /** Where Clients connect: `mqtt://127.0.0.1:1883`, and `ws://127.0.0.1:8080` if asked for. */
  readonly urls: readonly string[];
  /** Who may connect, if not everybody; it also answers what accounts ask about their tokens. */
  readonly credentials: Credentials | undefined;
  /** Accepts no more, sends what waits, closes every connection. Resolves within some seconds. */
  close(): Promise<void>;
}

/** The server cannot start: the message says why, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/**
 * Starts the bundled server.
 *
 * @param logger - Gets the lines of the broker's log.
 * @throws {@link StartError} when the address cannot be had; UsageError for options that cannot be.
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  const { host, port, webSocket } = config;
  const credentials = await credentialsFor(config);
  const options = { logger, ...hooksOf(credentials), ...config.broker };
  const broker = await brokerOf({ ...config, broker: options }, logger);
  credentials?.serve(broker);
  try {
    const urls = [await listen(broker, { host, port }, "--port")];
    if (webSocket !== undefined) {
      const { port: webSocketPort, ...rest } = webSocket;
      const options = { host, port: webSocketPort, webSocket: rest };
      urls.push(await listen(broker, options, "--ws-port"));
    }
    return {
      urls,
      credentials,
      close: async () => {
        await broker.close();
        credentials?.close();
      },
    };
  } catch (error) {
    await broker.close();
    credentials?.close();
    throw error;
  }
}

/**
 * Listens at one address more.
 *
 * @param flag - What chooses its port.
 * @returns its URL, as Clients take it.
 */
async function listen(broker: MqttBroker, options: ListenTo, flag: string): Promise<string> {
  const { webSocket } = options;
  try {
    const { host, port } = await broker.listen(options);
    const shownHost = host.includes(":") ? `[${host}]` : host;
    const address = `${shownHost}:${port}`;
    return webSocket === undefined ? `mqtt://${address}` : `ws://${address}${webSocket.path ?? ""}`;
  } catch (error) {
    throw startErrorFrom(error, options, flag);
  }
}

interface ListenTo extends Required<Pick<ListenOptions, "host" | "port">> {
  readonly webSocket?: WebSocketOptions;
}

/** The broker, over its Store: `lmdb` is loaded only when it is used. */
async function brokerOf({ broker, store }: ServerConfig, logger: Logger): Promise<MqttBroker> {
  if (store === undefined) return createBroker(broker);
  const homes = await import("../store/index.js");
  const open = (): MqttBroker => brokerOver(homes, broker, { ...store, moveDamaged: false });
  let opened: MqttBroker;
  try {
    opened = open();
  } catch (error) {
    if (!(error instanceof homes.StoreError)) throw error;
    if (error.kind !== "damaged" || store.moveDamaged !== true) throw new StartError(error.message);
    const aside = homes.moveStoreAside(store.path);
    logger.warn?.(
      `the store in ${store.path} is damaged; it is now in ${aside}, and an empty one is used`,
      {},
    );
    opened = open();
  }
  const warning = openToOthers(store.path);
  if (warning !== undefined) logger.warn?.(warning, {});
  return opened;
}

/** A record may turn out to be damaged only when the broker reads it. */
function brokerOver(
  { openLmdbStore, DamagedRecordError, damaged }: typeof import("../store/index.js"),
  options: BrokerOptions,
  store: LmdbStoreOptions,
): MqttBroker {
  const home = openLmdbStore(store);
  try {
    return createBroker({ ...options, store: home });
  } catch (error) {
    void home.close();
    throw error instanceof DamagedRecordError ? damaged(store.path, error.message) : error;
  }
}

function startErrorFrom(error: unknown, { host, port }: ListenTo, flag: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return new StartError(
        `port ${port} on ${host} is in use already: stop the program that has it, or choose ` +
          `another port with ${flag} (0 takes any free one)`,
      );
    case "EACCES":
      return new StartError(
        `port ${port} on ${host} is not allowed for this user: choose one above 1023 with ${flag}`,
      );
    case "EADDRNOTAVAIL":
      return new StartError(
        `${host} is no address of this machine: choose one with --host, like 127.0.0.1`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartError(`${host} is not known as a host name: choose another with --host`);
    default:
      return error;
  }
}
