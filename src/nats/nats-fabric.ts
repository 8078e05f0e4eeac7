import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import {
  APPEND_TERM_MS,
  type Fabric,
  type FabricInputs,
  type KeptRecord,
  RECENT_MS,
} from "../cluster/fabric.js";
import type { Logger } from "../log/logger.js";
import { Appending } from "./appending.js";
import { connect, START_MS } from "./connecting.js";
import { ConnectionWatch } from "./connection-watch.js";
import { type ClusterNames, clusterNames } from "./names.js";
import { checkServers, type NatsOptions } from "./options.js";
import { OrderLog } from "./order-log.js";
import { orderStream } from "./order-stream.js";
import { Outflow } from "./outflow.js";
import { RetainedAppending } from "./retained-appending.js";
import { RetainedFollower } from "./retained-follower.js";
import { RetainedRemovals } from "./retained-removals.js";
import { retainedStream } from "./retained-stream.js";
import { ClusterError, connectionText } from "./words.js";

/** What NATS takes unless it is told otherwise, and room for headers in it. */
const PAYLOAD_BYTES = 1024 * 1024;
const HEADER_BYTES = 1024;

/** What a node knows of its way to the others: counters since the start, and how it is now. */
export interface FabricState {
  readonly isConnected: boolean;
  /** The NATS server that this node is connected to, or was last: `127.0.0.1:4222`. */
  readonly server: string;
  readonly reconnects: number;
  /** Entries that the order log has taken from this node. */
  readonly appended: number;
  /** Appends without a good answer in time: the cluster tries them again. */
  readonly appendsUnanswered: number;
  /** How long the last append took, in milliseconds. */
  readonly appendMs: number;
  readonly entriesRead: number;
  /** Of these, how many were missed as they came, and were read from the log. */
  readonly entriesMissed: number;
  /** Entries that the log is known to have and this node has not read yet. */
  readonly lag: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
  /** Not sent: no connection, or NATS takes it too slowly. The cluster finds that out and sends again. */
  readonly sendsDropped: number;
  /** Retained messages, and removals, that NATS has taken from this node, and attempts that it did not answer. */
  readonly retainedAppended: number;
  readonly retainedUnanswered: number;
  readonly retainedRead: number;
  /** Messages on subjects of the cluster that are not of it. */
  readonly foreign: number;
}

/**
 * Connects to NATS, and makes the order log or looks whether it is one.
 *
 * @returns what a broker takes as `cluster.fabric`. Whoever does not give it to a broker closes it.
 * @throws UsageError for options that cannot be; {@link ClusterError} when NATS cannot be used, in plain words.
 */
export async function openNatsFabric(options: NatsOptions): Promise<NatsFabric> {
  const names = clusterNames(options.name);
  checkServers(options.servers);
  const deadlineMs = performance.now() + (options.startMs ?? START_MS);
  const nats = await connect(options, deadlineMs);
  try {
    const manager = await jetstreamManager(nats, { checkAPI: false, timeout: APPEND_TERM_MS });
    await orderStream(manager.streams, names, deadlineMs, options.logger);
    await retainedStream(manager.streams, names, deadlineMs);
    await mayListen(nats, names);
    return new NatsFabric(nats, manager, names, options);
  } catch (error) {
    void nats.close();
    throw error;
  }
}

/** A user that may not hear the others would wait for its own entries for ever. */
async function mayListen(nats: NatsConnection, { ordered, inboxes }: ClusterNames): Promise<void> {
  let refused: Error | undefined;
  const subjects = [ordered, `${inboxes}probe`];
  const subscriptions = subjects.map((subject) =>
    nats.subscribe(subject, {
      callback: (error) => {
        refused ??= error ?? undefined;
      },
    }),
  );
  await nats.flush();
  if (refused === undefined) {
    for (const subscription of subscriptions) subscription.unsubscribe();
    return;
  }
  throw new ClusterError(
    "NATS does not allow this node what a cluster needs: allow its user to publish and subscribe " +
      `bl.>, $JS.API.> and _INBOX.> (${refused.message})`,
  );
}

/** The {@link Fabric} over NATS: the order log is a stream of JetStream, an inbox a subject. */
export class NatsFabric implements Fabric {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #names: ClusterNames;
  readonly #logger: Logger | undefined;
  readonly #watch: ConnectionWatch;
  readonly #appending: Appending;
  readonly #outflow: Outflow;
  readonly #retaining: RetainedAppending;
  readonly #removals: RetainedRemovals;
  #retained: RetainedFollower | undefined;
  #retainedRead = 0;
  #node = "";
  #inputs: FabricInputs | undefined;
  #log: OrderLog | undefined;
  #inbox: Subscription | undefined;
  /** After that nothing is told to whom it was opened for last. */
  #endInputs: (() => void) | undefined;
  #entriesRead = 0;
  #entriesMissed = 0;
  #foreign = 0;
  #receivedMessages = 0;
  #receivedBytes = 0;
  #isClosed = false;

  constructor(
    nats: NatsConnection,
    manager: JetStreamManager,
    names: ClusterNames,
    { servers, logger }: NatsOptions,
  ) {
    this.#nats = nats;
    this.#manager = manager;
    this.#names = names;
    this.#logger = logger;
    this.#watch = new ConnectionWatch(nats, logger, {
      text: (error) => connectionText(error, servers),
      back: () => {
        this.#log?.reconnected();
        this.#retained?.reconnected();
      },
    });
    this.#appending = new Appending(nats, names, logger, (sequence) => this.#log?.exists(sequence));
    this.#outflow = new Outflow(nats);
    this.#retaining = new RetainedAppending(nats, names, logger);
    this.#removals = new RetainedRemovals(manager.streams, names.retainedStream);
    this.#removals.start();
  }

  get state(): FabricState {
    return {
      isConnected: this.#watch.isConnected,
      server: this.#watch.server,
      reconnects: this.#watch.reconnects,
      appended: this.#appending.stored,
      appendsUnanswered: this.#appending.unanswered,
      appendMs: this.#appending.lastMs,
      entriesRead: this.#entriesRead,
      entriesMissed: this.#entriesMissed,
      lag: this.#log?.lag ?? 0,
      sentMessages: this.#outflow.messages,
      sentBytes: this.#outflow.bytes,
      receivedMessages: this.#receivedMessages,
      receivedBytes: this.#receivedBytes,
      sendsDropped: this.#outflow.dropped,
      retainedAppended: this.#retaining.stored,
      retainedUnanswered: this.#retaining.unanswered,
      retainedRead: this.#retainedRead,
      foreign: this.#foreign + this.#appending.foreign,
    };
  }

  open(node: string, inputs: FabricInputs): void {
    this.#log?.close();
    this.#retained?.close();
    this.#inbox?.unsubscribe();
    this.#node = node;
    this.#inputs = inputs;
    let isCurrent = true;
    this.#endInputs?.();
    this.#endInputs = () => {
      isCurrent = false;
    };
    this.#inbox = this.#nats.subscribe(this.#names.inboxes + node, {
      callback: (error, message) => {
        if (error !== null || !isCurrent) return;
        this.#receivedMessages += 1;
        this.#receivedBytes += message.data.length;
        inputs.arrived(message.data);
      },
    });
    this.#log = new OrderLog(this.#nats, this.#manager.streams, this.#names, {
      ordered: (sequence, bytes) => {
        if (!isCurrent) return;
        this.#entriesRead += 1;
        inputs.ordered(sequence, bytes);
      },
      lost: (reason) => {
        this.#logger?.error?.(`${reason.message}: this node must start anew`, {});
        inputs.lost(reason);
      },
      foreign: () => this.#wasForeign(),
      gap: (count) => {
        this.#entriesMissed += count;
      },
    });
    this.#log.open(RECENT_MS);
    this.#follow(inputs);
  }

  #follow(inputs: FabricInputs): void {
    this.#retained = new RetainedFollower(this.#nats, this.#manager, this.#names, {
      begin: () => inputs.retainedBegin(),
      record: (sequence, bytes) => {
        this.#retainedRead += 1;
        inputs.retained(sequence, bytes);
      },
      end: () => inputs.retainedEnd(),
      removal: (sequence) => this.#removals.add(sequence),
      lost: (reason) => {
        this.#logger?.error?.(`${reason.message}: this node must start anew`, {});
        inputs.lost(reason);
      },
    });
    this.#retained.open();
  }

  /** By what the server that this node is connected to takes. */
  get recordBytesMax(): number {
    return (this.#nats.info?.max_payload ?? PAYLOAD_BYTES) - HEADER_BYTES;
  }

  keep(record: KeptRecord): void {
    const { number, isRemoval } = record;
    const inputs = this.#inputs;
    this.#retaining.keep(this.#node, record, this.#watch.isConnected, (sequence) => {
      if (isRemoval && sequence !== undefined) this.#removals.add(sequence);
      if (this.#inputs === inputs && !this.#isClosed) inputs?.kept(number, sequence);
    });
  }

  append(bytes: Uint8Array, done: (isStored: boolean) => void): void {
    this.#appending.append(bytes, this.#watch.isConnected, (isStored) => {
      if (!this.#isClosed) done(isStored);
    });
  }

  send(node: string, bytes: Uint8Array): void {
    this.#outflow.send(this.#names.inboxes + node, bytes, this.#watch.isConnected);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endInputs?.();
    this.#log?.close();
    this.#retained?.close();
    this.#removals.close();
    this.#watch.close();
    try {
      if (this.#watch.isConnected) await this.#outflow.left();
    } finally {
      await this.#nats.close().catch(ignoreClosed);
    }
  }

  /** Once in the log, then only counted: whoever sends there may send much. */
  #wasForeign(): void {
    this.#foreign += 1;
    if (this.#foreign > 1) return;
    this.#logger?.warn?.(
      `something that is no node of this cluster publishes on ${this.#names.ordered} in NATS: it is left ` +
        "out. Let only the nodes publish on bl.>",
      {},
    );
  }
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof errors.ClosedConnectionError)) throw error;
}
