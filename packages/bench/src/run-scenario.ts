import { fileURLToPath } from "node:url";
import { nowUs, sleepMs } from "./clock.js";
import { Histogram } from "./histogram.js";
import { faultsOf, warningsOf } from "./judgement.js";
import type { Accounting } from "./message-ledger.js";
import type { BenchOptions } from "./options.js";
import { type ProcessUsage, processUsage } from "./process-usage.js";
import type { OpeningReport, PhaseReport, Report, Status } from "./report.js";
import { LocalSlice, type Mark, type Slice, type SliceResult } from "./slice.js";
import type { StormRound } from "./storm.js";
import { stormReport } from "./storm-report.js";
import { WorkerSlice } from "./worker-slice.js";

/** Called a few times a second while a run goes on. */
export type OnStatus = (status: Status) => void;

/**
 * Runs one scenario against a broker, to its end; takes warm-up, duration and some seconds.
 *
 * @param workerModule - For `processes > 1`: the compiled worker.js.
 * @throws Error when the clients cannot connect or subscribe; what goes wrong later is reported.
 */
export async function runScenario(
  options: BenchOptions,
  onStatus: OnStatus = () => undefined,
  workerModule: URL = new URL("./worker.js", import.meta.url),
): Promise<Report> {
  const slices = Array.from({ length: options.processes }, (_, index) => {
    const share = { index, of: options.processes };
    return options.processes === 1
      ? new LocalSlice(options, share)
      : new WorkerSlice(options, share, fileURLToPath(workerModule));
  });
  try {
    return await new Run(options, slices, onStatus).carryOut();
  } finally {
    await Promise.allSettled(slices.map((slice) => slice.close()));
  }
}

/** All marks of one moment, and what the server has used by then. */
interface Moment {
  readonly marks: readonly Mark[];
  readonly server: ProcessUsage | undefined;
}

interface MeasuredPhase {
  readonly name: string;
  readonly from: Moment;
  readonly to: Moment;
  readonly residentBytesPeak: number | undefined;
}

class Run {
  readonly #options: BenchOptions;
  readonly #slices: readonly Slice[];
  readonly #onStatus: OnStatus;
  #filled = true;
  #storms: readonly StormRound[] = [];

  constructor(options: BenchOptions, slices: readonly Slice[], onStatus: OnStatus) {
    this.#options = options;
    this.#slices = slices;
    this.#onStatus = onStatus;
  }

  async carryOut(): Promise<Report> {
    const opening = await this.#open();
    const measured = await this.#measure();
    const sent = (await this.#all((slice) => slice.stop())).flat();
    const results = await this.#all((slice) => slice.finish(sent));
    const phases = measured.map((phase) => phaseReport(phase, results));
    const accounting = results.map((result) => result.accounting).reduce(sumOf);
    const lost = results.reduce((sum, result) => sum + result.lostConnections, 0);
    const reasons = results.flatMap((result) => result.lostReasons);
    return {
      options: this.#options,
      node: process.version,
      opening,
      phases,
      storm: stormReport(this.#storms, cpuUsOf(measured.find(({ name }) => name === "storms"))),
      accounting,
      warnings: warningsOf(this.#options, phases, accounting, this.#filled),
      faults: faultsOf(this.#options, accounting, lost, reasons),
    };
  }

  async #open(): Promise<OpeningReport> {
    const before = this.#server();
    const connected = await this.#all((slice) => slice.connect());
    if (this.#options.serverPid !== undefined) await sleepMs(SETTLE_MS);
    const between = this.#server();
    const subscribed = await this.#all((slice) => slice.subscribe());
    const after = this.#server();
    const connections = connected.reduce((sum, slice) => sum + slice.connections, 0);
    const connectSeconds = Math.max(...connected.map((slice) => slice.seconds));
    const topicFilters = subscribed.reduce((sum, slice) => sum + slice.topicFilters, 0);
    return {
      serverResidentBytesBefore: before?.residentBytes,
      connections,
      connectSeconds,
      connectsPerSecond: connections / connectSeconds,
      connectUs: merged(connected.map(({ latency }) => latency)).percentiles(),
      serverCpuUsPerConnection: gained("cpuUs", before, between, connections),
      serverBytesPerConnection: gained("residentBytes", before, between, connections),
      topicFilters,
      subscribeSeconds: Math.max(...subscribed.map((slice) => slice.seconds)),
      serverCpuUsPerTopicFilter: gained("cpuUs", between, after, topicFilters),
      serverBytesPerTopicFilter: gained("residentBytes", between, after, topicFilters),
    };
  }

  async #measure(): Promise<readonly MeasuredPhase[]> {
    const { scenario, warmupSeconds, durationSeconds } = this.#options;
    if (scenario === "connect") {
      return [await this.#phase("idle", durationSeconds), ...(await this.#last([]))];
    }
    await this.#all((slice) => slice.beginPhase("warm-up"));
    await this.#all((slice) => slice.start(nowUs() + START_US));
    if (scenario === "retained" || scenario === "reconnect") {
      if (warmupSeconds > 0) await this.#stormsFor(warmupSeconds);
      const storms = await this.#phase("storms", 0, async () => {
        this.#storms = await this.#stormsFor(durationSeconds);
      });
      return this.#last([storms]);
    }
    await this.#watch("warm-up", warmupSeconds);
    if (scenario !== "slow-reader") {
      return this.#last([await this.#phase("measured", durationSeconds)]);
    }
    const before = await this.#phase("before", durationSeconds);
    const filling = await this.#phase("filling", 0, async () => {
      this.#filled = (await this.#all((slice) => slice.freeze())).every((filled) => filled);
    });
    return this.#last([before, filling, await this.#phase("frozen", durationSeconds)]);
  }

  /** One after the other, at least one; whoever storms is in one process. */
  async #stormsFor(seconds: number): Promise<readonly StormRound[]> {
    const startUs = nowUs();
    const storms: StormRound[] = [];
    do storms.push(...(await this.#all((slice) => slice.storm())));
    while (nowUs() - startUs < seconds * 1e6);
    return storms;
  }

  /** What is due from now on belongs to no measured phase. */
  async #last(phases: readonly MeasuredPhase[]): Promise<readonly MeasuredPhase[]> {
    await this.#all((slice) => slice.beginPhase("after"));
    return phases;
  }

  async #phase(
    name: string,
    seconds: number,
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<MeasuredPhase> {
    const from = await this.#moment((slice) => slice.beginPhase(name));
    let peak = from.server?.residentBytes;
    const watching = setInterval(() => {
      const now = this.#server()?.residentBytes;
      if (now !== undefined) peak = Math.max(peak ?? 0, now);
    }, RESIDENT_EVERY_MS);
    try {
      await meanwhile();
      await this.#watch(name, seconds);
    } finally {
      clearInterval(watching);
    }
    const to = await this.#moment((slice) => slice.mark());
    const last = to.server?.residentBytes;
    const residentBytesPeak = last === undefined ? peak : Math.max(peak ?? 0, last);
    return { name, from, to, residentBytesPeak };
  }

  /** Waits and reports; ends early when the broker has hung up on everyone. */
  async #watch(phase: string, seconds: number): Promise<void> {
    const startUs = nowUs();
    let last: readonly Mark[] | undefined;
    for (;;) {
      const leftMs = seconds * 1000 - (nowUs() - startUs) / 1000;
      if (leftMs <= 0) return;
      await sleepMs(Math.min(leftMs, STATUS_EVERY_MS));
      const marks = await this.#all((slice) => slice.mark());
      const openConnections = marks.reduce((sum, mark) => sum + mark.openConnections, 0);
      const delivered = marks.reduce((sum, mark) => sum + mark.delivered, 0);
      const rates = last === undefined ? [] : marks.map((mark, at) => rateOf(last?.[at], mark));
      this.#onStatus({
        phase,
        elapsedSeconds: (nowUs() - startUs) / 1e6,
        messagesPerSecond: rates.reduce((sum, rate) => sum + rate.messagesPerSecond, 0),
        delivered,
        generatorCpuPercent: Math.max(0, ...rates.map((rate) => rate.cpuPercent)),
        openConnections,
      });
      if (openConnections === 0) return;
      last = marks;
    }
  }

  async #moment(markOf: (slice: Slice) => Promise<Mark>): Promise<Moment> {
    const server = this.#server();
    return { marks: await this.#all(markOf), server };
  }

  #all<Value>(call: (slice: Slice) => Promise<Value>): Promise<Value[]> {
    return Promise.all(this.#slices.map(call));
  }

  #server(): ProcessUsage | undefined {
    const pid = this.#options.serverPid;
    return pid === undefined ? undefined : processUsage(pid);
  }
}

function phaseReport(
  { name, from, to, residentBytesPeak }: MeasuredPhase,
  results: readonly SliceResult[],
): PhaseReport {
  const rates = to.marks.map((mark, at) => rateOf(from.marks[at], mark));
  const delivered = rates.reduce((sum, rate) => sum + rate.delivered, 0);
  const seconds = Math.max(...rates.map((rate) => rate.seconds));
  const ofPhase = results.flatMap((result) => result.phases.filter((phase) => phase.name === name));
  const cpuUs = cpuUsOf({ from, to });
  return {
    name,
    seconds,
    sent: rates.reduce((sum, rate) => sum + rate.sent, 0),
    delivered,
    messagesPerSecond: rates.reduce((sum, rate) => sum + rate.messagesPerSecond, 0),
    payloadBytesPerSecond: rates.reduce((sum, rate) => sum + rate.payloadBytesPerSecond, 0),
    latencyUs: merged(ofPhase.map((phase) => phase.latency)).percentiles(),
    acknowledgedUs: merged(ofPhase.map((phase) => phase.acknowledgement)).percentiles(),
    sendLateUs: merged(ofPhase.map((phase) => phase.lateness)).percentiles(),
    generatorCpuPercent: rates.map((rate) => rate.cpuPercent),
    serverCpuPercent: cpuUs === undefined ? undefined : cpuUs / seconds / 1e4,
    serverCpuUsPerMessage: gained("cpuUs", from.server, to.server, delivered),
    serverResidentBytes: to.server?.residentBytes,
    serverResidentBytesPeak: residentBytesPeak,
  };
}

function cpuUsOf(phase: Pick<MeasuredPhase, "from" | "to"> | undefined): number | undefined {
  return phase && gained("cpuUs", phase.from.server, phase.to.server, 1);
}

function rateOf(from: Mark | undefined, to: Mark) {
  const before = from ?? { ...to, sent: 0, delivered: 0, deliveredBytes: 0, cpuUs: 0 };
  const seconds = Math.max(1e-6, (to.atUs - before.atUs) / 1e6);
  const delivered = to.delivered - before.delivered;
  return {
    seconds,
    sent: to.sent - before.sent,
    delivered,
    messagesPerSecond: delivered / seconds,
    payloadBytesPerSecond: (to.deliveredBytes - before.deliveredBytes) / seconds,
    cpuPercent: (to.cpuUs - before.cpuUs) / seconds / 1e4,
  };
}

/** What the server used from one moment to the other, per one of `count`. */
function gained(
  what: keyof ProcessUsage,
  from: ProcessUsage | undefined,
  to: ProcessUsage | undefined,
  count: number,
): number | undefined {
  if (from === undefined || to === undefined || count === 0) return undefined;
  return (to[what] - from[what]) / count;
}

function merged(all: readonly Parameters<Histogram["merge"]>[0][]): Histogram {
  const histogram = new Histogram();
  for (const data of all) histogram.merge(data);
  return histogram;
}

function sumOf(one: Accounting, other: Accounting): Accounting {
  return {
    sent: one.sent + other.sent,
    unsent: one.unsent + other.unsent,
    delivered: one.delivered + other.delivered,
    lost: one.lost + other.lost,
    duplicated: one.duplicated + other.duplicated,
    reordered: one.reordered + other.reordered,
    misdelivered: one.misdelivered + other.misdelivered,
    foreign: one.foreign + other.foreign,
    strayAcks: one.strayAcks + other.strayAcks,
  };
}

const START_US = 2000;
const SETTLE_MS = 300;
const RESIDENT_EVERY_MS = 100;
const STATUS_EVERY_MS = 500;
