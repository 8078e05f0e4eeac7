import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { StreamInfo } from "@nats-io/jetstream";
import type { Logger } from "../log/logger.js";
import { Copying } from "../replica/copying.js";
import type { Later } from "../replica/home-log.js";
import { EntryKind } from "../replica/log-entry.js";
import { LogWriter, type WriteResult } from "../replica/log-writer.js";
import { Replay, type Replayed } from "../replica/replay.js";
import type { Operation } from "../store/backend.js";
import { asBuffer } from "../store/keys.js";
import { type OpenFolder, openFolder } from "../store/lmdb-store.js";
import { formatRecord } from "../store/prepare-file.js";
import { decodePosition, positionRecord, REPLICA_KEY } from "../store/replica-position.js";
import { StoreError } from "../store/store-error.js";
import { moveStoreAside } from "../store/store-folder.js";
import { START_MS } from "./connecting.js";
import { type HomeStreams, homeStream } from "./home-stream.js";
import type { HomeNames } from "./names.js";
import type { NatsHomeLog } from "./nats-home-log.js";
import { whileTaken } from "./patience.js";
import type { ReplicatedStoreOptions } from "./replica-options.js";
import { WriterWords } from "./writer-words.js";

/** An epoch that another server has got ahead of is tried so often. */
const EPOCH_TRIES = 5;

/** Before the name of a node that writes in place of another one. */
const IN_PLACE = "in its place, node ";

/** What a store goes on with. */
export interface Begun {
  readonly writer: LogWriter;
  readonly copying: Copying;
  readonly events: WriterWords;
}

/** One opening: what is here is brought to where the log is, then the log is this run's. */
export class Opening {
  readonly #options: ReplicatedStoreOptions;
  readonly #log: NatsHomeLog;
  readonly #streams: HomeStreams;
  readonly #names: HomeNames;
  readonly #logger: Logger | undefined;
  #info: StreamInfo;
  /** Whether the log alone is enough to make the store anew. */
  #isWhole = false;

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

  /** Brings the folder to where the log is, and makes the log this run's. */
  async begin(folder: OpenFolder): Promise<Begun> {
    const position = this.#positionOf(folder);
    const isFresh = this.#isLogEmpty && this.#isEmpty(folder);
    const replayed = await this.#replay(folder, position);
    this.#isWhole ||= isFresh || replayed.isWhole;
    if (position === 0 && !this.#isLogEmpty && !this.#isWhole) {
      throw new StoreError(
        `${this.#what} does not hold everything yet: the server that began it ended too early. ` +
          "Start it with the data folder that it had then",
      );
    }
    if (this.#isWhole) await this.#note(folder, replayed.position);
    const events = new WriterWords(this.#logger);
    const writer = await this.#begun(folder, replayed, isFresh, events);
    const copying = new Copying(
      folder.backend,
      writer,
      (sequence) => this.#log.purgeBefore(sequence),
      (key) => asBuffer(key).equals(REPLICA_KEY),
      Math.max(replayed.byteCount, folder.findings?.bytes ?? 0),
    );
    if (!this.#isWhole) await this.#copyAll(folder, writer, copying);
    return { writer, copying, events };
  }

  readonly positionAt = (sequence: number): Operation =>
    positionRecord({ log: this.#info.created, sequence, isWhole: this.#isWhole });

  /** The log is begun with what is here. Cut off, it is done anew: the folder knows. */
  async #copyAll(folder: OpenFolder, writer: LogWriter, copying: Copying): Promise<void> {
    const { path } = this.#options;
    this.#logger?.info?.(`the store in ${path} is copied to ${this.#what}`, {});
    await this.#note(folder, writer.last);
    await this.#whileTaken(writer, () => whenDone((done) => copying.all(done)));
    this.#isWhole = true;
    await this.#note(folder, writer.last);
  }

  #whileTaken<T>(writer: LogWriter, work: () => Promise<T>): Promise<T> {
    const { name, startMs = START_MS } = this.#options.replica;
    return whileTaken(writer, name, startMs, work);
  }

  #note({ backend }: OpenFolder, sequence: number): Promise<void> {
    return whenDone((done) => backend.commit([this.positionAt(sequence)], done));
  }

  /** What NATS has, in words, and the option that names it. */
  get #what(): string {
    const { node, replica } = this.#options;
    if (node === undefined) return `the replica ${replica.name}`;
    return `the home of node ${JSON.stringify(node)} of the cluster ${replica.name} in NATS`;
  }

  get #flag(): string {
    return this.#options.node === undefined ? "--replica-name" : "--cluster-node";
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
    const { path } = this.#options;
    const record = folder.backend.get(REPLICA_KEY);
    if (record === undefined) {
      if (this.#isLogEmpty || this.#isEmpty(folder)) return 0;
      throw new StoreError(
        `the store in ${path} is not the one that ${this.#what} holds: to go on with the replica, ` +
          `choose another --data-dir (an empty one is filled from it); to go on with this store, choose another ${this.#flag}`,
      );
    }
    const { log, sequence, isWhole } = decodePosition(record);
    const { created, state } = this.#info;
    if (log !== created || sequence > state.last_seq) {
      throw new StoreError(
        `the store in ${path} was replicated to another log than the one that NATS has as ${this.#info.config.name}: ` +
          (this.#options.node === undefined
            ? `that one was deleted or has lost entries. To begin a new one from this store, choose another ${this.#flag}`
            : "that is another node's, or one that was deleted or has lost entries. Choose another --data-dir: an empty one " +
              "is filled from NATS"),
      );
    }
    this.#isWhole = isWhole;
    return sequence;
  }

  async #replay(folder: OpenFolder, position: number): Promise<Replayed> {
    const { state } = this.#info;
    const first = Math.max(1, state.first_seq); // NATS says 0 where there never was one
    const isTooOld = position > 0 && position + 1 < first;
    const after = isTooOld || position === 0 ? first - 1 : position;
    const isAnew = isTooOld || position === 0;
    if (isAnew && !this.#isLogEmpty) await this.#forgetAll(folder);
    // What is cut off, or turns out not to be whole, must not be taken for the store by the next start.
    const note = isAnew ? (): Operation => this.positionAt(0) : this.positionAt;
    const replay = new Replay(folder.backend, note, after);
    await this.#readOn(replay);
    const replayed = await replay.end();
    if (replayed.last > after) {
      this.#logger?.info?.(
        `the store in ${this.#options.path} has read ${replayed.last - after} entries of the replica`,
        { count: replayed.last - after },
      );
    }
    this.#tellWriter(replayed.writer);
    if (isTooOld && !replayed.isWhole)
      throw new StoreError("the replica does not begin with a copy");
    return replayed;
  }

  /** Whoever looks for the sessions of a node that is back is told where they are. */
  #tellWriter(writer: string | undefined): void {
    if (writer?.startsWith(IN_PLACE) !== true || this.#options.by !== undefined) return;
    this.#logger?.warn?.(
      `node ${writer.slice(IN_PLACE.length, writer.indexOf(": "))} has taken over what this one kept while it was away: ` +
        "the other nodes have its sessions, but for what is left here",
      {},
    );
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
    const { by } = this.#options;
    const name = new TextEncoder().encode(
      `${by === undefined ? "" : `${IN_PLACE}${JSON.stringify(by)}: `}${hostname()}, process ${process.pid}`,
    );
    let { last, position } = replayed;
    for (let tries = 1; ; tries += 1) {
      const writer = new LogWriter(this.#log, later, run, last, events);
      const epoch = (): Promise<WriteResult> =>
        new Promise((resolve) => {
          writer.append(EntryKind.EPOCH, name, resolve, isFresh && this.#isLogEmpty);
        });
      const result = await this.#whileTaken(writer, epoch);
      if (typeof result === "number") return writer;
      if (tries === EPOCH_TRIES) throw result;
      const deadlineMs = performance.now() + START_MS;
      this.#info = await homeStream(this.#streams, this.#names, deadlineMs, this.#logger);
      // Not behind the last entry: that may have been a part of a commit, whose rest has come now.
      const replay = new Replay(folder.backend, this.positionAt, position);
      await this.#readOn(replay);
      ({ last, position } = await replay.end());
    }
  }
}

function whenDone(begin: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

export const later: Later = (delayMs, call) => {
  setTimeout(call, delayMs);
};
