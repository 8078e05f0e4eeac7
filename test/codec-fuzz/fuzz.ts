import type { PacketReaderOptions } from "../../src/codec/index.js";
import { decodeWith, findFault, findQuickFault } from "../reference/oracle.js";
import type { InputMaker } from "./inputs.js";

/** An input that broke what must hold, and how to try it again. */
export interface Fault {
  readonly stream: Uint8Array;
  readonly options: PacketReaderOptions;
  readonly sentence: string;
  /** The oracle on another stream, in one chunk and cut as this one was. */
  repeats(stream: Uint8Array): string | undefined;
}

export interface FuzzResult {
  readonly inputs: number;
  readonly elapsedMs: number;
  /** Time on the processor: less than elapsed where others want it, too. */
  readonly cpuMs: number;
  /** How often each verdict came: a violation, or how many packets were read. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly fault: Fault | undefined;
}

/** Looking at the clock costs as much as an input: do it once a batch. */
const BATCH = 2000;
const REPORT_MS = 60_000;

/** What an input is held against; tests put another one in its place. */
export interface Oracle {
  findFault: typeof findFault;
  findQuickFault: typeof findQuickFault;
}

/** When to stop without a find. */
export interface Limits {
  readonly durationMs: number;
  readonly inputsMax: number;
}

/**
 * Feeds inputs to the oracle until a limit is reached or one of them is a find.
 *
 * @param report - Gets a line a minute.
 */
export function fuzz(
  maker: InputMaker,
  limits: Limits,
  report: (line: string) => void,
  oracle: Oracle = { findFault, findQuickFault },
): FuzzResult {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // most inputs end with an error: its stack would cost more than the rest
  try {
    return runBatches(maker, limits, report, oracle);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function runBatches(
  maker: InputMaker,
  { durationMs, inputsMax }: Limits,
  report: (line: string) => void,
  oracle: Oracle,
): FuzzResult {
  const verdicts = new Map<string, number>();
  const seen = new Set<string>();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  let reportMs = startMs + REPORT_MS;
  for (let inputs = BATCH; ; inputs += BATCH) {
    const fault = runBatch(maker, oracle, verdicts, seen);
    const nowMs = performance.now();
    if (fault !== undefined || nowMs - startMs >= durationMs || inputs >= inputsMax) {
      const { user, system } = process.cpuUsage(startCpu);
      const cpuMs = (user + system) / 1000;
      return { inputs, elapsedMs: nowMs - startMs, cpuMs, verdicts, fault };
    }
    if (nowMs >= reportMs) {
      reportMs += REPORT_MS;
      report(`${((nowMs - startMs) / 1000).toFixed(0)} s: ${inputs} inputs, ${seen.size} verdicts`);
    }
  }
}

function runBatch(
  maker: InputMaker,
  oracle: Oracle,
  verdicts: Map<string, number>,
  seen: Set<string>,
): Fault | undefined {
  for (let left = BATCH; left > 0; left--) {
    const { stream, options, cutAt } = maker.next();
    const sentence =
      cutAt.length > 0
        ? oracle.findFault(stream, cutAt, options)
        : oracle.findQuickFault(stream, options, left % COMPARED === 0);
    if (sentence !== undefined) {
      return faultOf(stream.slice(), options, cutAt, sentence, oracle);
    }
    if (left % SAMPLE === 0) note(stream, options, verdicts, seen, maker);
  }
  return undefined;
}

/**
 * The reference decoder sees one input in so many, and each that is cut into chunks, which gets the
 * whole oracle: on all of them its pace would be the fuzzer's.
 */
const COMPARED = 2;

/** One input in so many is counted, and kept when its verdict is new. */
const SAMPLE = 50;

function note(
  stream: Uint8Array,
  options: PacketReaderOptions,
  verdicts: Map<string, number>,
  seen: Set<string>,
  maker: InputMaker,
): void {
  const { packets, violation } = decodeWith(stream, [], options);
  const verdict = violation?.code ?? `${packets.length} packets`;
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + SAMPLE);
  const place = `${stream[0]} ${verdict} ${Math.min(violation?.at ?? 0, 40)}`;
  if (seen.has(place)) return;
  seen.add(place);
  maker.keep(stream);
}

function faultOf(
  stream: Uint8Array,
  options: PacketReaderOptions,
  cutAt: readonly number[],
  sentence: string,
  oracle: Oracle,
): Fault {
  const repeats = (shorter: Uint8Array) =>
    oracle.findFault(
      shorter,
      cutAt.filter((at) => at < shorter.length),
      options,
    );
  return { stream, options, sentence, repeats };
}
