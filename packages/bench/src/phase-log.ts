import { stampsApartUs, toStamp } from "./clock.js";
import { Histogram, type HistogramData } from "./histogram.js";

interface Phase {
  readonly name: string;
  readonly fromStamp: number;
  readonly latency: Histogram;
  readonly lateness: Histogram;
  readonly acknowledgement: Histogram;
}

/** What a phase recorded, as plain data. */
export interface PhaseData {
  readonly name: string;
  /** Microseconds from when a message was due to leave until it arrived. */
  readonly latency: HistogramData;
  /** Microseconds by which the generator itself was late in sending. */
  readonly lateness: HistogramData;
  /** Microseconds from when a message left until its publisher had its last acknowledgement. */
  readonly acknowledgement: HistogramData;
}

/**
 * Latencies by phase of a run. A message belongs to the phase in which it was due to leave, even
 * when it arrives in a later one: an answer that comes late is not lost from the statistics.
 */
export class PhaseLog {
  readonly #phases: Phase[] = [];

  begin(name: string, fromUs: number): void {
    this.#phases.push({
      name,
      fromStamp: toStamp(fromUs),
      latency: new Histogram(),
      lateness: new Histogram(),
      acknowledgement: new Histogram(),
    });
  }

  /** An arrival. O(1) for messages of the current phase. */
  arrived(dueStamp: number, nowStamp: number): void {
    this.#phaseOf(dueStamp)?.latency.record(stampsApartUs(dueStamp, nowStamp));
  }

  /** A departure in the open loop. */
  departed(dueStamp: number, nowStamp: number): void {
    this.#phaseOf(dueStamp)?.lateness.record(stampsApartUs(dueStamp, nowStamp));
  }

  /** PUBACK or PUBCOMP. */
  acknowledged(sentStamp: number, nowStamp: number): void {
    this.#phaseOf(sentStamp)?.acknowledgement.record(stampsApartUs(sentStamp, nowStamp));
  }

  data(): readonly PhaseData[] {
    return this.#phases.map(({ name, latency, lateness, acknowledgement }) => ({
      name,
      latency: latency.data(),
      lateness: lateness.data(),
      acknowledgement: acknowledgement.data(),
    }));
  }

  #phaseOf(stamp: number): Phase | undefined {
    for (let at = this.#phases.length - 1; at > 0; at -= 1) {
      const phase = this.#phases[at] as Phase;
      if ((stamp - phase.fromStamp) >>> 0 < HALF_RANGE) return phase;
    }
    return this.#phases[0];
  }
}

const HALF_RANGE = 0x80000000;
