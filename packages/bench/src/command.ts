import { UsageError } from "./flags.js";
import type { BenchOptions } from "./options.js";
import type { Report, Status } from "./report.js";
import { reportText } from "./report-text.js";
import { runScenario } from "./run-scenario.js";
import { benchHelp, parseBenchArguments } from "./scenarios.js";

/** Where the command writes; a terminal on `stderr` gets a live status line. */
export interface CommandIo {
  /** How the user called it, for the help text. */
  readonly command: string;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/**
 * The whole command: reads arguments, runs, prints.
 *
 * @returns The exit code: 0 measured, 1 the run failed or the broker broke a promise, 2 an invalid flag or value.
 */
export async function runBench(args: readonly string[], io: CommandIo): Promise<0 | 1 | 2> {
  if (args.includes("--help")) {
    io.stdout.write(`${benchHelp(io.command)}\n`);
    return 0;
  }
  let options: BenchOptions;
  try {
    options = parseBenchArguments(args.filter((argument) => argument !== "--json"));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\nFor all scenarios and flags: ${io.command} --help\n`);
    return 2;
  }
  const showsStatus = io.stderr.isTTY === true;
  try {
    const report = await runScenario(options, (status) => {
      if (showsStatus) io.stderr.write(`\r\x1b[K${statusLine(status)}`);
    });
    if (showsStatus) io.stderr.write("\r\x1b[K");
    io.stdout.write(`${args.includes("--json") ? jsonText(report) : reportText(report)}\n`);
    return report.faults.length > 0 ? 1 : 0;
  } catch (error) {
    if (showsStatus) io.stderr.write("\r\x1b[K");
    const reason = error instanceof Error ? error.message : String(error);
    const hint = reason.includes("ECONNREFUSED") ? NOBODY : "";
    io.stderr.write(
      `${options.scenario} at ${options.host}:${options.port} failed: ${reason}${hint}\n`,
    );
    return 1;
  }
}

const NOBODY = "; start the broker, or say with --host and --port where it is";

/** One line for a terminal, at most some 100 columns. */
export function statusLine(status: Status): string {
  return (
    `${status.phase} ${status.elapsedSeconds.toFixed(1)} s  ` +
    `${Math.round(status.messagesPerSecond).toLocaleString("en-US")} messages/s  ` +
    `${status.delivered.toLocaleString("en-US")} delivered  ` +
    `${status.openConnections} connections  ` +
    `generator ${status.generatorCpuPercent.toFixed(0)} %`
  );
}

/** The password stays out of what may be published. */
function jsonText(report: Report): string {
  const hidden = report.options.password === undefined ? undefined : "(given)";
  return JSON.stringify({ ...report, options: { ...report.options, password: hidden } }, null, 2);
}
