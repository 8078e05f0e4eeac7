import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ProgramFlags } from "../support/program-flags.js";
import type { Filled, Memory, Restarted } from "./child.js";

/**
 * `npm run store:big -- --sessions 100000 --messages 1000000`: many Sessions and long queues. Makes
 * offline Sessions with queued messages through the real engine and store, then starts a server
 * over that store, three times. Prints memory, and the time from the start of the process until it
 * listens. Without flags it does what the goals are about, and writes bench/results/store-big.md.
 */
const { values } = new ProgramFlags("npm run store:big -- [--sessions N] [--messages N]", {
  sessions: { type: "string", default: "100000" },
  messages: { type: "string" },
});
const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));
const RESTARTS = 3;

interface Result {
  readonly sessions: number;
  readonly messages: number;
  readonly filled: Filled;
  readonly fileMib: number;
  readonly restarts: readonly Restarted[];
}

const OUT = "bench/results/store-big.md";

const sizes = values.messages === undefined ? [1_000_000, 10_000_000] : [Number(values.messages)];
const results = sizes.map((messages) => measure(Number(values.sessions), messages));
if (values.messages === undefined) writeFileSync(OUT, report());
else console.log(JSON.stringify(results[0]));

function measure(sessions: number, messages: number): Result {
  const folder = mkdtempSync(join(tmpdir(), "beeline-big-"));
  try {
    const path = join(folder, "data");
    const filled = child<Filled>("fill", path, `${sessions}`, `${messages}`);
    const fileMib = statSync(join(path, "data.mdb")).size / 1024 ** 2;
    const restarts = Array.from({ length: RESTARTS }, (_, n) =>
      child<Restarted>("restart", path, `c${n}`),
    );
    const result = { sessions, messages, filled, fileMib, restarts };
    console.error(rowOf(result));
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one half in a process of its own, and returns what it prints. */
function child<Printed>(...args: string[]): Printed {
  const run = spawnSync(process.execPath, ["--expose-gc", CHILD, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`${args.join(" ")} ended with ${run.status ?? run.signal}`);
  return JSON.parse(run.stdout) as Printed; // child.ts prints it
}

function report(): string {
  const gib = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg().map((one) => one.toFixed(1));
  return `# Many sessions and long queues

Made by \`npm run store:big\`: clients with Clean Session 0 subscribe and go; then messages of 100 B
at QoS 1 are published for them, five in a row for each client, every other one point-to-point,
through the real engine into the real store with a sync for each commit. A server over that store
is started ${RESTARTS} times: \`ready\` is the time from the start of its process until it listens, and
the first client to come back gets its whole queue each time.

Memory is the most that was seen, in MiB: resident in all, the process's own, and mapped: the
program itself and pages of the store's file. The own and the mapped need not have been at their
most at the same moment. Heap bytes per message is what queueing left on the heap: the messages themselves are on disk.

| sessions | queued | file MiB | queued/s | heap B/message | while filling: resident, own, mapped | after a restart: resident, own, mapped | ready ms | goal |
| --: | --: | --: | --: | --: | --- | --- | --- | --- |
${results.map(rowOf).join("\n")}

${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${gib} GiB, Node ${process.version}; load ${load.join(", ")}
(other work on the machine lengthens the times).
`;
}

function rowOf({ sessions, messages, filled, fileMib, restarts }: Result): string {
  const ready = restarts.map(({ readyMs }) => readyMs).sort((a, b) => a - b);
  const [least, median, most] = ready.map((ms) => Math.round(ms).toLocaleString("en-US"));
  const [first] = restarts as [Restarted]; // there are three
  const isComplete = restarts.every((one) => one.received === messages / sessions);
  const resident = Math.max(...restarts.map((one) => one.ready.resident));
  const verdicts = [
    `resident under 400: ${verdict(filled.peak.resident < 400 && resident < 400)}`,
    `ready under 2,000: ${verdict((ready[1] ?? Number.POSITIVE_INFINITY) < 2_000)}`,
    `queues complete: ${verdict(isComplete && filled.queued === messages)}`,
  ];
  return `| ${[
    sessions.toLocaleString("en-US"),
    messages.toLocaleString("en-US"),
    Math.round(fileMib).toLocaleString("en-US"),
    Math.round(messages / filled.seconds).toLocaleString("en-US"),
    filled.heapBytesPerMessage.toFixed(1),
    mibs(filled.peak),
    mibs(first.ready),
    `${median} (${least}-${most})`,
    verdicts.join("; "),
  ].join(" | ")} |`;
}

function mibs({ resident, own, mapped }: Memory): string {
  return [resident, own, mapped].map((one) => Math.round(one).toLocaleString("en-US")).join(", ");
}

function verdict(isReached: boolean): string {
  return isReached ? "yes" : "**no**";
}
