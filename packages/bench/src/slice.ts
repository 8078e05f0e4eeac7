import { nowUs, sleepMs } from "./clock.js";
import { Filler } from "./filler.js";
import type { HistogramData } from "./histogram.js";
import type { Accounting } from "./message-ledger.js";
import { inParallel, OPENING_AT_ONCE, openPeers } from "./opening.js";
import type { BenchOptions, Share } from "./options.js";
import { Pacer } from "./pacer.js";
import { Peer } from "./peer.js";
import type { PhaseData } from "./phase-log.js";
import { type Plan, planOf } from "./plan.js";
import type { Storm, StormRound } from "./storm.js";
import { stormOf } from "./storm-of.js";
import { targetOf } from "./target-of.js";
import { Traffic } from "./traffic.js";

/** Counters of one process at one moment. */
export interface Mark {
  readonly atUs: number;
  readonly sent: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  /** User and system time of this process of the generator. */
  readonly cpuUs: number;
  readonly openConnections: number;
}

export interface Connected {
  readonly connections: number;
  readonly seconds: number;
  readonly latency: HistogramData;
}

export interface Subscribed {
  readonly topicFilters: number;
  readonly seconds: number;
}

export interface SliceResult {
  readonly phases: readonly PhaseData[];
  readonly accounting: Accounting;
  readonly lostConnections: number;
  readonly lostReasons: readonly string[];
}

/** One process's share of a run, driven step by step by the coordinator, in this order. */
export interface Slice {
  /** Connects all clients; throws the first failure. */
  connect(): Promise<Connected>;
  subscribe(): Promise<Subscribed>;
  /** Starts all publishers, or prepares the storms; the open loop's first message is due at `startUs`. */
  start(startUs: number): Promise<void>;
  /** Begins a phase: messages due from now on belong to it. */
  beginPhase(name: string): Promise<Mark>;
  mark(): Promise<Mark>;
  /** Stops the frozen readers' reading; returns whether all that was to fill them got through. */
  freeze(): Promise<boolean>;
  /** One storm, to its end. */
  storm(): Promise<StormRound>;
  /** Stops all publishers; returns how many messages each has sent. */
  stop(): Promise<readonly number[]>;
  /** Waits until everything sent has arrived, but not for ever, and draws the balance. */
  finish(fanOutSent: readonly number[]): Promise<SliceResult>;
  close(): Promise<void>;
}

/** A share that runs in this process. */
export class LocalSlice implements Slice {
  readonly #options: BenchOptions;
  readonly #plan: Plan;
  readonly #traffic: Traffic;
  readonly #pacer: Pacer | undefined;
  readonly #storm: Storm | undefined;

  constructor(options: BenchOptions, share: Share) {
    this.#options = options;
    this.#plan = planOf(options, share);
    this.#traffic = new Traffic(options, this.#plan);
    this.#storm = stormOf(options, this.#peers());
    if (options.ratePerSecond > 0) {
      const ratePerSecond = (options.ratePerSecond * this.#shareOfSenders(share)) / share.of;
      this.#pacer = new Pacer(this.#traffic.senders, ratePerSecond, this.#traffic.phases);
    }
  }

  async connect(): Promise<Connected> {
    const peers = this.#peers();
    const { seconds, latency } = await openPeers(peers, (peer) => targetOf(this.#options, peer), {
      perSecond: this.#options.connectsPerSecond,
      sourceAddresses: this.#options.sourceAddresses,
    });
    return { connections: peers.length, seconds, latency: latency.data() };
  }

  async subscribe(): Promise<Subscribed> {
    const startUs = nowUs();
    let topicFilters = 0;
    await inParallel(this.#plan.receivers, SUBSCRIBING_AT_ONCE, async (receiver, at) => {
      for (const batch of receiver.topicFilters) {
        await this.#traffic.receivers[at]?.peer.subscribe(batch, this.#options.qos);
        topicFilters += batch.length;
      }
    });
    return { topicFilters, seconds: (nowUs() - startUs) / 1e6 };
  }

  async start(startUs: number): Promise<void> {
    for (const sender of this.#traffic.senders) sender.stopped = false;
    await this.#storm?.prepare();
    if (this.#pacer !== undefined) this.#pacer.start(startUs);
    else for (const sender of this.#traffic.senders) sender.pump();
  }

  async beginPhase(name: string): Promise<Mark> {
    const mark = await this.mark();
    this.#traffic.phases.begin(name, mark.atUs);
    return mark;
  }

  async mark(): Promise<Mark> {
    const { user, system } = process.cpuUsage();
    return {
      atUs: nowUs(),
      sent: this.#traffic.sent,
      delivered: this.#traffic.delivered,
      deliveredBytes: this.#traffic.deliveredBytes,
      cpuUs: user + system,
      openConnections: this.#peers().filter((peer) => peer.open).length,
    };
  }

  async freeze(): Promise<boolean> {
    const frozen = this.#traffic.receivers.filter(({ measured }) => !measured);
    for (const { peer } of frozen) peer.freeze();
    if (frozen.length === 0 || this.#options.fillMib === 0) return true;
    return new Filler(this.#options).fill(FILL_MS_MAX);
  }

  storm(): Promise<StormRound> {
    if (this.#storm === undefined) throw new Error(`${this.#options.scenario} has no storms`);
    return this.#storm.round();
  }

  async stop(): Promise<readonly number[]> {
    this.#pacer?.stop();
    for (const sender of this.#traffic.senders) sender.stopped = true;
    return this.#plan.fanOut ? this.#traffic.senders.map((sender) => sender.sent) : [];
  }

  async finish(fanOutSent: readonly number[]): Promise<SliceResult> {
    await this.#drain(fanOutSent);
    await sleepMs(DUPLICATES_MS);
    return {
      phases: this.#traffic.phases.data(),
      accounting: this.#traffic.accounting(fanOutSent),
      lostConnections: this.#traffic.lostCount,
      lostReasons: this.#traffic.lostReasons,
    };
  }

  async close(): Promise<void> {
    await this.#storm?.clear();
    await inParallel(this.#peers(), CLOSING_AT_ONCE, (peer) => peer.close());
    if (this.#options.persistent) await this.#forgetSessions();
  }

  /** Leaves no session behind in the broker; if it is gone, there is none. */
  async #forgetSessions(): Promise<void> {
    await inParallel(this.#plan.receivers, OPENING_AT_ONCE, async ({ clientId }, at) => {
      const peer = new Peer("receiver", at, clientId, this.#traffic);
      try {
        await peer.connect(targetOf(this.#options, peer), undefined);
      } catch {
        return;
      }
      await peer.close();
    });
  }

  /** Until nothing is missing, or nothing more comes, or nobody is there, or time is up. */
  async #drain(fanOutSent: readonly number[]): Promise<void> {
    const startUs = nowUs();
    let { delivered } = this.#traffic;
    let arrivedUs = startUs;
    while (nowUs() - startUs < DRAIN_MS_MAX * 1000 && nowUs() - arrivedUs < QUIET_MS * 1000) {
      const through = this.#traffic.outstanding === 0;
      if (through && this.#traffic.accounting(fanOutSent).lost === 0) return;
      if (!this.#peers().some((peer) => peer.open)) return;
      await sleepMs(20);
      if (this.#traffic.delivered > delivered) arrivedUs = nowUs();
      delivered = this.#traffic.delivered;
    }
  }

  #peers(): readonly Peer[] {
    const { receivers, senders } = this.#traffic;
    return [...receivers.map(({ peer }) => peer), ...senders.map(({ peer }) => peer)];
  }

  /** The rate is dealt out with the publishers; those of a fan-out are all in one process. */
  #shareOfSenders(share: Share): number {
    if (!this.#plan.fanOut) return 1;
    return share.index === 0 ? share.of : 0;
  }
}

const SUBSCRIBING_AT_ONCE = 16;
const CLOSING_AT_ONCE = 512;
const DRAIN_MS_MAX = 5000;
const QUIET_MS = 1000;
/** How long a duplicate may take to show up after everything has arrived. */
const DUPLICATES_MS = 50;
const FILL_MS_MAX = 30_000;
