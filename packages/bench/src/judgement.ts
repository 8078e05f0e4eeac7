import type { Accounting } from "./message-ledger.js";
import type { BenchOptions } from "./options.js";
import type { PhaseReport } from "./report.js";

/** What a reader of the figures must know: the generator's limits, and what QoS 0 may do. */
export function warningsOf(
  options: BenchOptions,
  phases: readonly PhaseReport[],
  accounting: Accounting,
  filled: boolean,
): readonly string[] {
  const warnings: string[] = [];
  for (const phase of phases) {
    const busiest = Math.max(0, ...phase.generatorCpuPercent);
    if (options.ratePerSecond === 0 && busiest >= BUSY_PERCENT) {
      warnings.push(
        `${phase.name}: the generator used ${busiest.toFixed(0)} % of a core: messages/s and ` +
          "latency show its limit, not the broker's (more --processes, or another machine)",
      );
    }
    if (phase.sendLateUs.p99 > LATE_US_MAX) {
      warnings.push(
        `${phase.name}: the generator sent 1 % of the messages more than ` +
          `${phase.sendLateUs.p99} us late: it, not the broker, made part of the latency`,
      );
    }
    if (phase.serverResidentBytes === undefined && options.serverPid !== undefined) {
      warnings.push(`${phase.name}: no process ${options.serverPid}: no server figures`);
    }
  }
  if (!filled) {
    warnings.push(`the broker did not take the --fill of ${options.fillMib} MiB a frozen reader`);
  }
  if (options.qos === 0 && accounting.lost > 0) {
    warnings.push(`${accounting.lost} messages lost, as QoS 0 allows`);
  }
  if (options.qos === 1 && accounting.duplicated > 0) {
    warnings.push(`${accounting.duplicated} messages delivered twice, as QoS 1 allows`);
  }
  if (accounting.unsent > 0) {
    warnings.push(`${accounting.unsent} messages were due and never sent: the rate is too high`);
  }
  return warnings;
}

/** What no broker may do, §4.3 and §4.6, or what ended the run early. */
export function faultsOf(
  options: BenchOptions,
  accounting: Accounting,
  lostConnections: number,
  lostReasons: readonly string[],
): readonly string[] {
  const { lost, duplicated, reordered, misdelivered, foreign, strayAcks } = accounting;
  const faults: string[] = [];
  const fault = (count: number, text: string): void => {
    if (count > 0) faults.push(`${count} ${text}`);
  };
  if (options.qos > 0) fault(lost, `messages not delivered at QoS ${options.qos}`);
  if (options.qos !== 1) fault(duplicated, `messages delivered twice at QoS ${options.qos}`);
  fault(reordered, "messages out of order");
  fault(misdelivered, "messages delivered to the wrong client");
  fault(foreign, "messages of another origin");
  fault(strayAcks, "acknowledgements out of order");
  fault(lostConnections, `connections lost: ${lostReasons.join("; ")}`);
  return faults;
}

const BUSY_PERCENT = 90;
const LATE_US_MAX = 1000;
