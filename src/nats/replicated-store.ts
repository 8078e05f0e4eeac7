import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { StoreHome } from "../ports/store.js";
import { ReplicatedBackend } from "../replica/replicated-backend.js";
import type { KeyedStore } from "../store/keyed-store.js";
import { closedBy, type OpenFolder, storeOver } from "../store/lmdb-store.js";
import { StoreError } from "../store/store-error.js";
import { connect, START_MS } from "./connecting.js";
import { ConnectionWatch } from "./connection-watch.js";
import { homeStream } from "./home-stream.js";
import { homeNames } from "./names.js";
import { NatsHomeLog } from "./nats-home-log.js";
import { checkServers } from "./options.js";
import { type Begun, later, Opening } from "./replica-opening.js";
import type { ReplicatedStoreOptions } from "./replica-options.js";
import { ClusterError, connectionText } from "./words.js";

/** Between two looks whether another server has taken over. */
const WATCH_MS = 1_000;
/** What is asked of a leader that is gone is never answered: it is asked again, of the next one. */
const ANSWER_MS = 2_000;

/**
 * Opens a Store that is kept in a folder here and in a log that NATS servers keep on other machines. What is
 * acknowledged stands in both. Whoever opens it under the same name takes it over: what the one before
 * writes later is refused. Where the folder here is empty, damaged or too old, it is made anew from the log.
 *
 * With `durability` `sync` a commit waits for the disk here, too; the default here is `fast`, since
 * the log is on the disks of others.
 *
 * @throws UsageError for options that cannot be; StoreError when the folder or NATS cannot be used, in
 *   plain words.
 */
export async function openReplicatedStore(
  options: ReplicatedStoreOptions,
): Promise<StoreHome & AsyncDisposable> {
  const { replica, path } = options;
  const names = homeNames(replica.name, options.node);
  checkReplicaServers(replica.servers);
  const deadlineMs = performance.now() + (replica.startMs ?? START_MS);
  const nats = await connect(replica, deadlineMs).catch(asStoreError);
  try {
    const { streams } = await jetstreamManager(nats, { checkAPI: false, timeout: ANSWER_MS });
    const info = await homeStream(streams, names, deadlineMs, replica.logger).catch(asStoreError);
    const log = new NatsHomeLog(nats, streams, names);
    const opening = new Opening(options, log, streams, names, info);
    const folder = await opening.folder();
    try {
      return running(options, opening, folder, await opening.begin(folder), nats);
    } catch (error) {
      throw closedBy(folder, error);
    }
  } catch (error) {
    await nats.close();
    throw error instanceof StoreError ? error : new StoreError(`${path}: ${inWords(error)}`);
  }
}

/** The store while it is used: it looks whether it is still the one, and lets go of NATS at its end. */
function running(
  options: ReplicatedStoreOptions,
  { positionAt }: Opening,
  folder: OpenFolder,
  { writer, copying, events }: Begun,
  nats: NatsConnection,
): StoreHome & AsyncDisposable {
  const { replica, onFenced } = options;
  let replicated: ReplicatedBackend | undefined;
  const store = storeOver(options, folder, (inner) => {
    const onBehind = (error: Error): void => store.onFailed(error);
    replicated = new ReplicatedBackend({ inner, writer, copying, later, positionAt, onBehind });
    return replicated;
  });
  events.store = store;
  events.onFenced = onFenced;
  const watch = setInterval(() => {
    writer.checkFence();
    replicated?.idle();
  }, WATCH_MS).unref();
  const connection = new ConnectionWatch(nats, replica.logger, {
    text: (error) => inOwnWords(connectionText(error, replica.servers)),
    back: () => writer.checkFence(),
  });
  return closing(store, async (close) => {
    clearInterval(watch);
    writer.close();
    await close();
    connection.close();
    await nats.close();
  });
}

/** The same home with more to do at its end. */
function closing(
  store: KeyedStore,
  end: (close: () => Promise<void>) => Promise<void>,
): StoreHome & AsyncDisposable {
  const closeStore = store.close.bind(store);
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= end(closeStore);
    return ended;
  };
  return Object.assign(store, { close, [Symbol.asyncDispose]: close });
}

function checkReplicaServers(servers: readonly string[]): void {
  try {
    checkServers(servers);
  } catch (error) {
    if (error instanceof Error) error.message = inOwnWords(error.message);
    throw error;
  }
}

function asStoreError(error: unknown): never {
  if (error instanceof ClusterError) throw new StoreError(inOwnWords(error.message));
  throw error;
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Who helps to reach NATS speaks of a cluster's options; those of a replica have the same names. */
function inOwnWords(text: string): string {
  return text.replaceAll(/\bcluster\.(name|servers|credentials|tls)/g, "replica.$1");
}
