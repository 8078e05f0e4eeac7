import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ProgramFlags } from "../support/program-flags.js";
import { Churn, settle } from "./churn.js";
import {
  type Growth,
  growthPerHour,
  isFlat,
  leftOver,
  type Sample,
  sampleText,
} from "./measure.js";
import type { ServerState } from "./server.js";

/** `npm run soak`: a server with a durable store under churn, and whether its memory stays flat. */
const USAGE = "npm run soak -- [--minutes N] [--every SECONDS] [--transport auto|net|native]";
/** [D6] */
const GROWTH_PERCENT_MAX = 1;
/** Longer than the server lets a connection linger. */
const LEAVE_MAX_MS = 10_000;

const flags = new ProgramFlags(USAGE, {
  minutes: { type: "string", default: "30" },
  every: { type: "string", default: "60" },
  transport: { type: "string", default: "net" },
});
const { values } = flags;
const [minutes, every] = [Number(values.minutes), Number(values.every)];
if (!(minutes > 0 && every > 0) || !["auto", "net", "native"].includes(values.transport)) {
  flags.wrong();
}

const folder = mkdtempSync(join(tmpdir(), "soak-"));
const script = fileURLToPath(new URL("./server.js", import.meta.url));
const server = fork(script, [join(folder, "data"), values.transport], {
  execArgv: ["--expose-gc"],
});
const [port] = (await once(server, "message")) as [number];
const before = await stateOf(server);
const address = { host: "127.0.0.1", port };
await settle(address);
const churn = new Churn(address);
const samples = await watched(server);
await churn.end();
const after = await idle(server);
server.disconnect();
await once(server, "exit");
rmSync(folder, { recursive: true, force: true });

// Pages of the store's file are left out: the kernel keeps them as long as nobody else wants the memory.
const own = growthPerHour(samples, ({ ownBytes }) => ownBytes);
const heap = growthPerHour(samples, ({ heapBytes }) => heapBytes);
const resident = growthPerHour(samples, ({ residentBytes }) => residentBytes);
if (own === undefined || heap === undefined || resident === undefined) {
  console.log("too few samples to say how much grows: let it run longer, or look more often");
} else {
  console.log(
    `after warm-up, in percent an hour: without mapped files ${text(own)}, heap ${text(heap)}, ` +
      `resident with the pages of the store's file ${text(resident)}`,
  );
  const isAllFlat = isFlat(own, GROWTH_PERCENT_MAX) && isFlat(heap, GROWTH_PERCENT_MAX);
  const words = `without mapped files or on the heap over ${GROWTH_PERCENT_MAX} % an hour`;
  console.log(isAllFlat ? "flat" : `NOT FLAT: ${words}`);
  process.exitCode = isAllFlat ? 0 : 1;
}

const left = leftOver(before, after);
console.log(`when everybody had gone, left were: ${left ?? "nothing"}`);
if (left !== undefined) process.exitCode = 1;

function text({ percent, plusMinus }: Growth): string {
  return `${percent.toFixed(1)} ± ${plusMinus.toFixed(1)}`;
}

async function stateOf(child: ChildProcess): Promise<ServerState> {
  child.send("what are you like?");
  const [state] = (await once(child, "message")) as [ServerState];
  return state;
}

/** When nobody is connected any more, or should long not be. */
async function idle(child: ChildProcess): Promise<ServerState> {
  const endMs = performance.now() + LEAVE_MAX_MS;
  for (;;) {
    const state = await stateOf(child);
    const isOver = leftOver(before, state) === undefined || performance.now() > endMs;
    if (isOver) return state;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Asks the server what it is like, every so often, until the time is up. */
async function watched(child: ChildProcess): Promise<readonly Sample[]> {
  const began = performance.now();
  const found: Sample[] = [];
  for (let seconds = every; seconds <= minutes * 60; seconds += every) {
    await new Promise((resolve) => setTimeout(resolve, began + seconds * 1000 - performance.now()));
    const sample = { minutes: seconds / 60, ...(await stateOf(child)) };
    found.push(sample);
    const { connects, refused, operations } = churn.counts;
    const counts = `${connects} connects, ${refused} refused, ${operations} operations`;
    console.log(`${sampleText(sample)}  (${counts})`);
  }
  return found;
}
