import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "../log/logger.js";
import type { StoreHome } from "../ports/store.js";
import { Copying } from "../replica/copying.js";
import { EntryKind } from "../replica/log-entry.js";
import { type FencedError, LogWriter, type WriteResult } from "../replica/log-writer.js";
import { Replay, type Replayed } from "../replica/replay.js";
import { ReplicatedBackend } from "../replica/replicated-backend.js";
import type { KeyedStore } from "../store/keyed-store.js";
import { asBuffer } from "../store/keys.js";
import {
  closedBy,
  type LmdbStoreOptions,
  type OpenFolder,
  openFolder,
  storeOver,
} from "../store/lmdb-store.js";
import { formatRecord } from "../store/prepare-file.js";
import { decodePosition, positionRecord, REPLICA_KEY } from "../store/replica-position.js";
import { StoreError } from "../store/store-error.js";
import { moveStoreAside } from "../store/store-folder.js";
import { connect, START_MS } from "./connecting.js";
import { ConnectionWatch } from "./connection-watch.js";
import { type HomeStreams, homeStream } from "./home-stream.js";
import { type HomeNames, homeNames } from "./names.js";
import { NatsHomeLog } from "./nats-home-log.js";
import { checkServers, type NatsOptions } from "./options.js";
import { ClusterError, connectionText } from "./words.js";

/** Between two looks whether another server has taken over. */
const WATCH_MS = 1_000;
/** What is asked of a leader that is gone is never answered: it is asked again, of the next one. */
const ANSWER_MS = 2_000;
/** An epoch that another server has got ahead of is tried so often. */
const EPOCH_TRIES = 5;

/** How a store is kept on this machine and in NATS. */
export interface ReplicatedStoreOptions extends Omit<LmdbStoreOptions, "readOnly" | "moveDamaged"> {
  readonly replica: NatsOptions;
  /**
   * Another server has taken over what this one kept: it must end. Called once.
   */
  readonly onFenced?: ((reason: Error) => void) | undefined;
}

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
  const names = homeNames(replica.name);
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
      return await opening.store(folder, nats);
    } catch (error) {
      throw closedBy(folder, error);
    }
  } catch (error) {
    await nats.close();
    throw error instanceof StoreError ? error : new StoreError(`${path}: ${inWords(error)}`);
  }
}

/** One opening: what is here is brought to where the log is, then the log is this run's. */
class Opening {
  readonly #options: ReplicatedStoreOptions;
  readonly #log: NatsHomeLog;
  readonly #streams: HomeStreams;
  readonly #names: HomeNames;
  readonly #logger: Logger | undefined;
  #info: StreamInfo;

  constructor(
    options: ReplicatedStoreOptions,
    log: NatsHomeLog,
    streams: HomeStreams,
    names: HomeNames,
    info: StreamInfo,
  ) {
    this.#names = names;
    this.#options = options;
    this.#log = log;
    this.#streams = streams;
    this.#info = info;
    this.#logger = options.replica.logger;
  }

  /** The folder here; a damaged one is moved aside, since all of it stands in the log. */
  async folder(): Promise<OpenFolder> {
    const { durability = "fast", path } = this.#options;
    const open = (): OpenFolder => openFolder({ path, durability }, true);
    try {
      return open();
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.kind === "damaged";
      if (!isDamaged || this.#isLogEmpty) throw error;
      const aside = moveStoreAside(path);
      this.#logger?.warn?.(
        `the store in ${path} is damaged; it is now in ${aside}, and is made anew from the replica`,
        { error: error.message },
      );
      return open();
    }
  }

  async store(folder: OpenFolder, nats: NatsConnection): Promise<StoreHome & AsyncDisposable> {
    const { path, replica } = this.#options;
    const position = this.#positionOf(folder);
    const isFresh = position === 0 && this.#isEmpty(folder);
    const replayed = await this.#replay(folder, position);
    if (position === 0 && !this.#isLogEmpty && !replayed.isWhole) {
      throw new StoreError(
        `the replica ${replica.name} does not hold everything yet: the server that began it ended too early. ` +
          "Start it with the data folder that it had then",
      );
    }
    const events = new WriterWords(this.#logger);
    const writer = await this.#begun(folder, replayed, isFresh, events);
    const copying = new Copying(
      folder.backend,
      writer,
      (sequence) => this.#log.purgeBefore(sequence),
      (key) => asBuffer(key).equals(REPLICA_KEY),
      Math.max(replayed.byteCount, folder.findings?.bytes ?? 0),
    );
    if (this.#isLogEmpty && !isFresh) {
      this.#logger?.info?.(`the store in ${path} is copied to the replica ${replica.name}`, {});
      await whenDone((done) => copying.all(done));
    }
    return this.#running(folder, nats, writer, copying, events);
  }

  #running(
    folder: OpenFolder,
    nats: NatsConnection,
    writer: LogWriter,
    copying: Copying,
    events: WriterWords,
  ): StoreHome & AsyncDisposable {
    const { replica, onFenced } = this.#options;
    let replicated: ReplicatedBackend | undefined;
    const store = storeOver(this.#options, folder, (inner) => {
      replicated = new ReplicatedBackend({
        inner,
        writer,
        copying,
        later,
        positionAt: (sequence) => this.#positionAt(sequence),
        onBehind: (error) => store.onFailed(error),
      });
      return replicated;
    });
    events.store = store;
    events.onFenced = onFenced;
    const watch = setInterval(() => {
      writer.checkFence();
      replicated?.idle();
    }, WATCH_MS).unref();
    const connection = new ConnectionWatch(nats, this.#logger, {
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

  get #isLogEmpty(): boolean {
    return this.#info.state.last_seq === 0;
  }

  /** Whether nothing was ever kept here. */
  #isEmpty({ findings }: OpenFolder): boolean {
    if (findings === undefined) return true;
    return Object.values(findings.counts).every((count: number) => count === 0);
  }

  /**
   * Up to where the folder here has followed this log.
   *
   * @throws StoreError for a store that is not of this log.
   */
  #positionOf(folder: OpenFolder): number {
    const { path, replica } = this.#options;
    const record = folder.backend.get(REPLICA_KEY);
    if (record === undefined) {
      if (this.#isLogEmpty || this.#isEmpty(folder)) return 0;
      throw new StoreError(
        `the store in ${path} is not the one that the replica ${replica.name} holds: to go on with the replica, ` +
          "choose another --data-dir (an empty one is filled from it); to go on with this store, choose another --replica-name",
      );
    }
    const { log, sequence } = decodePosition(record);
    const { created, state } = this.#info;
    if (log !== created || sequence > state.last_seq) {
      throw new StoreError(
        `the store in ${path} was replicated to another log than the one that NATS has as ${this.#info.config.name}: ` +
          "that one was deleted or has lost entries. To begin a new one from this store, choose another --replica-name",
      );
    }
    return sequence;
  }

  async #replay(folder: OpenFolder, position: number): Promise<Replayed> {
    const { state } = this.#info;
    const first = Math.max(1, state.first_seq); // NATS says 0 where there never was one
    const isTooOld = position > 0 && position + 1 < first;
    const after = isTooOld || position === 0 ? first - 1 : position;
    if (isTooOld || (position === 0 && !this.#isLogEmpty)) await this.#forgetAll(folder);
    const replay = new Replay(folder.backend, (sequence) => this.#positionAt(sequence), after);
    await this.#readOn(replay);
    const replayed = await replay.end();
    if (replayed.last > after) {
      this.#logger?.info?.(
        `the store in ${this.#options.path} has read ${replayed.last - after} entries of the replica`,
        { count: replayed.last - after },
      );
    }
    if (isTooOld && !replayed.isWhole)
      throw new StoreError("the replica does not begin with a copy");
    return replayed;
  }

  #readOn(replay: Replay): Promise<void> {
    const { last_seq: last } = this.#info.state;
    const take = (sequence: number, bytes: Uint8Array): Promise<void> =>
      replay.take(sequence, bytes);
    return this.#log.read(replay.state.last, last, take);
  }

  /** What is here is older than what the log begins with. */
  #forgetAll({ backend }: OpenFolder): Promise<void> {
    const all = { kind: "delete-range", from: Uint8Array.of(0), to: Uint8Array.of(0xff) } as const;
    return whenDone((done) => backend.commit([all, formatRecord()], done));
  }

  /** Appends the epoch: from then on every other run is refused. */
  async #begun(
    folder: OpenFolder,
    replayed: Replayed,
    isFresh: boolean,
    events: WriterWords,
  ): Promise<LogWriter> {
    const run = randomBytes(8).toString("hex");
    const name = new TextEncoder().encode(`${hostname()}, process ${process.pid}`);
    let { last } = replayed;
    for (let tries = 1; ; tries += 1) {
      const writer = new LogWriter(this.#log, later, run, last, events);
      const result = await new Promise<WriteResult>((resolve) => {
        writer.append(EntryKind.EPOCH, name, resolve, isFresh && this.#isLogEmpty);
      });
      if (typeof result === "number") return writer;
      if (tries === EPOCH_TRIES) throw result;
      const deadlineMs = performance.now() + START_MS;
      this.#info = await homeStream(this.#streams, this.#names, deadlineMs, this.#logger);
      const replay = new Replay(folder.backend, (at) => this.#positionAt(at), last);
      await this.#readOn(replay);
      ({ last } = await replay.end());
    }
  }

  #positionAt(sequence: number): ReturnType<typeof positionRecord> {
    return positionRecord({ log: this.#info.created, sequence });
  }
}

/** What happens to the writer, in the log and to the store. */
class WriterWords {
  store: KeyedStore | undefined;
  onFenced: ((reason: Error) => void) | undefined;
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  stalled(error: Error): void {
    this.#logger?.error?.(`nothing can be kept: ${error.message}`, {});
    this.store?.onFailed(error);
  }

  recovered(): void {
    this.#logger?.info?.("the replica takes entries again", {});
  }

  fenced(error: FencedError): void {
    if (this.store === undefined) return; // it has not begun: its start says why
    this.#logger?.error?.(error.message, {});
    this.store.onFailed(error);
    this.onFenced?.(error);
  }
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

function whenDone(begin: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

function later(delayMs: number, call: () => void): void {
  setTimeout(call, delayMs);
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
