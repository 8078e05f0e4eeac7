import type { Percentiles } from "./histogram.js";
import type { BenchOptions } from "./options.js";
import {
  bytesPerIdleConnection,
  type OpeningReport,
  type PhaseReport,
  type Report,
} from "./report.js";

/** A report for people, some twenty lines. */
export function reportText(report: Report): string {
  const { options, opening, phases, accounting } = report;
  const lines = [
    headline(options),
    "",
    ...(opening.connections > 0 ? openingLines(opening) : []),
    ...idleLines(report),
    ...phases
      .filter(({ name }) => name !== "idle" && name !== "storms")
      .flatMap((phase) => phaseLines(phase, options)),
    ...stormLines(report),
  ];
  if (accounting.sent > 0) {
    lines.push(
      line("sent", `${whole(accounting.sent)}, delivered ${whole(accounting.delivered)}`),
      line(
        "errors",
        `lost ${accounting.lost}, duplicated ${accounting.duplicated}, ` +
          `out of order ${accounting.reordered}, misdelivered ${accounting.misdelivered}`,
      ),
    );
  }
  lines.push(...report.warnings.map((warning) => `warning: ${warning}`));
  lines.push(...report.faults.map((fault) => `FAULT: ${fault}`));
  return lines.join("\n");
}

function headline(options: BenchOptions): string {
  const { scenario, count, qos, payloadBytes, window, ratePerSecond } = options;
  const where = `${options.host}:${options.port}`;
  if (scenario === "retained")
    return `retained ${count}, QoS ${qos}, ${payloadBytes} B at ${where}`;
  if (scenario === "connect" || scenario === "reconnect") return `${scenario} ${count} at ${where}`;
  const loop = ratePerSecond > 0 ? `${ratePerSecond} messages/s` : `window ${window}`;
  const address = options.p2p ? ", point-to-point" : "";
  return `${scenario} ${count}, QoS ${qos}, ${payloadBytes} B, ${loop}${address} at ${where}`;
}

function openingLines(opening: OpeningReport): string[] {
  const lines = [
    line(
      "connect",
      `${opening.connections} in ${opening.connectSeconds.toFixed(2)} s, ` +
        `${whole(opening.connectsPerSecond)}/s; CONNACK ${latency(opening.connectUs)}`,
    ),
  ];
  if (opening.serverCpuUsPerConnection !== undefined) {
    lines.push(
      line("  server", `${opening.serverCpuUsPerConnection.toFixed(0)} us CPU a connection`),
    );
  }
  if (opening.topicFilters === 0) return lines;
  lines.push(
    line("subscribe", `${opening.topicFilters} in ${opening.subscribeSeconds.toFixed(2)} s`),
  );
  if (opening.serverCpuUsPerTopicFilter !== undefined) {
    lines.push(
      line(
        "  server",
        `${opening.serverCpuUsPerTopicFilter.toFixed(1)} us CPU and ` +
          `${whole(opening.serverBytesPerTopicFilter ?? 0)} B a Topic Filter`,
      ),
    );
  }
  return lines;
}

function idleLines(report: Report): string[] {
  const bytes = bytesPerIdleConnection(report);
  return bytes === undefined
    ? []
    : [line("idle", `${whole(bytes)} B of the server's resident memory a connection`)];
}

function stormLines({ options, storm }: Report): string[] {
  if (storm === undefined) return [];
  const what = options.scenario === "retained" ? "messages" : "connections";
  const each = options.scenario === "retained" ? "a message" : "a connection";
  const lines = [
    line(
      "storm",
      `${storm.count} ${what} at once, ${storm.storms} times: all there after ` +
        `${storm.seconds.toFixed(3)} s, at most ${storm.secondsMax.toFixed(3)} s`,
    ),
    line("  each", latency(storm.latencyUs)),
  ];
  if (storm.retries > 0) lines.push(line("  again", `${storm.retries} had to be tried again`));
  if (storm.serverCpuUsEach !== undefined) {
    lines.push(line("  server", `${storm.serverCpuUsEach.toFixed(2)} us CPU ${each}`));
  }
  return lines;
}

function phaseLines(phase: PhaseReport, options: BenchOptions): string[] {
  const mb = phase.payloadBytesPerSecond / 1e6;
  const lines = [
    line(
      phase.name,
      `${whole(phase.messagesPerSecond)} messages/s, ${mb.toFixed(1)} MB/s of payload, ` +
        `${phase.seconds.toFixed(1)} s`,
    ),
    line("  latency", latency(phase.latencyUs)),
  ];
  if (options.qos > 0) lines.push(line("  answered", latency(phase.acknowledgedUs)));
  if (options.ratePerSecond > 0) lines.push(line("  sent late", latency(phase.sendLateUs)));
  const cpu = phase.generatorCpuPercent.map((percent) => `${percent.toFixed(0)} %`).join(", ");
  const spins = options.ratePerSecond > 0 ? " (it spins to be on time)" : "";
  lines.push(line("  generator", `${cpu} of a core${spins}`));
  if (phase.serverCpuPercent !== undefined) {
    lines.push(
      line(
        "  server",
        `${phase.serverCpuUsPerMessage?.toFixed(2) ?? "-"} us CPU a message, ` +
          `${phase.serverCpuPercent.toFixed(0)} % of a core, ` +
          `${mib(phase.serverResidentBytes)} resident, at most ${mib(phase.serverResidentBytesPeak)}`,
      ),
    );
  }
  return lines;
}

function latency({ p50, p90, p99, p999, max }: Percentiles): string {
  return `p50 ${p50} us, p90 ${p90}, p99 ${p99}, p99.9 ${p999}, max ${max}`;
}

function line(label: string, text: string): string {
  return `${label.padEnd(12)}${text}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function mib(bytes: number | undefined): string {
  return bytes === undefined ? "-" : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
