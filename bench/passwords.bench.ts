/**
 * What guesses at passwords take from everybody else: how late a server's event loop and its disk are while
 * two passwords are hashed at a time, by threads of their own that give way (`auth/hash-threads`), by Node's
 * own, and not at all. In turns, on all processors and on one.
 *
 * The event loop has something to do every 2 ms, for half a millisecond, as a server with a few hundred
 * messages a second has; and every 20 ms it writes a block to a file and waits until that is on the disk.
 *
 * Run it with `npm run bench -- passwords`; `--quick` takes a moment and means nothing.
 */
import { spawnSync } from "node:child_process";
import { scrypt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { placements } from "./brokers/launch.js";
import { loadLine, machineLine } from "./brokers/machine.js";
import { spreadOf } from "./brokers/statistics.js";

const isQuick = process.argv.includes("--quick");
const SECONDS = isQuick ? 0.3 : 4;
const ROUNDS = isQuick ? 1 : 5;
const AT_ONCE = 2;
const TICK_MS = 2;
const BUSY_MS = 0.5;
const SYNC_EVERY_MS = 20;
/** What `beeline passwd` makes. */
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 2 ** 26 };
const PASSWORD = Buffer.from("wrong");
const SALT = Buffer.from("0123456789abcdef");

const WAYS = ["nobody guesses", "Node's threads", "threads of their own"] as const;
type Way = (typeof WAYS)[number];

/** Milliseconds, but for the first. */
interface Figures {
  readonly guesses: number;
  readonly loopP50: number;
  readonly loopP99: number;
  readonly loopMost: number;
  readonly diskP99: number;
}

const COLUMNS: readonly (readonly [keyof Figures, string, number])[] = [
  ["guesses", "guesses/s", 0],
  ["loopP50", "loop late, p50 ms", 2],
  ["loopP99", "p99 ms", 1],
  ["loopMost", "longest ms", 0],
  ["diskP99", "on disk after, p99 ms", 1],
];

/** The part of `HashThreads` that is used here; it is no part of the package's interface. */
interface Threads {
  derive(job: object): Promise<Uint8Array>;
}

const measured = process.argv.indexOf("--measure");
if (measured > 0) {
  console.log(JSON.stringify(await figuresOf(process.argv[measured + 1] as Way)));
  process.exit();
} else {
  compare();
}

function compare(): void {
  console.log(`${machineLine()}; load ${loadLine()}`);
  const { cpu: pinned } = placements(0).server;
  for (const cpu of pinned === undefined ? [pinned] : [undefined, pinned]) {
    console.log(`\n${cpu === undefined ? "all processors" : "one processor"}`);
    console.log(row(["", ...COLUMNS.map(([, title]) => title)]));
    const all = new Map<Way, Figures[]>(WAYS.map((way) => [way, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of WAYS) all.get(way)?.push(inProcessOfItsOwn(way, cpu));
    }
    for (const [way, figures] of all) console.log(row([way, ...cellsOf(figures)]));
  }
  console.log(`\nmedians (least-most) of ${ROUNDS} rounds of ${SECONDS} s; load ${loadLine()}`);
}

function inProcessOfItsOwn(way: Way, cpu: number | undefined): Figures {
  const node = [process.execPath, fileURLToPath(import.meta.url), "--measure", way];
  if (isQuick) node.push("--quick");
  const [program = "", ...args] = cpu === undefined ? node : ["taskset", "-c", `${cpu}`, ...node];
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined || stdout === "") throw new Error(`${program}: ${error ?? stderr}`);
  return JSON.parse(stdout) as Figures;
}

async function figuresOf(way: Way): Promise<Figures> {
  const hash = await hasherOf(way);
  const isOver = { now: false };
  if (hash !== undefined) await hash(); // threads begin, and code is compiled
  const counts = Array.from({ length: AT_ONCE }, () => guess(hash, isOver));
  const disk = syncTimes(isOver);
  const late = await lateness();
  isOver.now = true;
  const guesses = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  const synced = (await disk).sort(byNumber);
  late.sort(byNumber);
  return {
    guesses: guesses / SECONDS,
    loopP50: quantile(late, 0.5),
    loopP99: quantile(late, 0.99),
    loopMost: quantile(late, 1),
    diskP99: quantile(synced, 0.99),
  };
}

async function hasherOf(way: Way): Promise<(() => Promise<unknown>) | undefined> {
  if (way === "nobody guesses") return undefined;
  if (way === "Node's threads") {
    const scryptOf = promisify<Buffer, Buffer, number, typeof COST, Buffer>(scrypt);
    return () => scryptOf(PASSWORD, SALT, 32, COST);
  }
  const built = new URL("../dist/auth/hash-threads.js", import.meta.url).href;
  const { HASH_THREADS } = (await import(built)) as { HASH_THREADS: Threads };
  const job = { kind: "scrypt", password: PASSWORD, salt: SALT, length: 32, cost: COST };
  return () => HASH_THREADS.derive(job);
}

/** Hashes one password after the other. @returns how many. */
async function guess(
  hash: (() => Promise<unknown>) | undefined,
  isOver: { now: boolean },
): Promise<number> {
  if (hash === undefined) return 0;
  let count = 0;
  for (; !isOver.now; count += 1) await hash();
  return count;
}

/** How late the event loop comes to what is due, each time. */
async function lateness(): Promise<number[]> {
  const late: number[] = [];
  const end = performance.now() + SECONDS * 1_000;
  for (let began = performance.now(); began < end; ) {
    await sleep(TICK_MS);
    const now = performance.now();
    late.push(Math.max(0, now - began - TICK_MS));
    while (performance.now() - now < BUSY_MS);
    began = performance.now();
  }
  return late;
}

/** How long it takes until a block is on the disk, each time: Node's threads do it. */
async function syncTimes(isOver: { now: boolean }): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-passwords-"));
  const file = await open(join(folder, "log"), "w");
  const block = Buffer.alloc(4_096);
  const times: number[] = [];
  while (!isOver.now) {
    const began = performance.now();
    await file.write(block, 0, block.length, 0);
    await file.datasync();
    times.push(performance.now() - began);
    await sleep(SYNC_EVERY_MS);
  }
  await file.close();
  rmSync(folder, { recursive: true });
  return times;
}

function cellsOf(figures: readonly Figures[]): string[] {
  return COLUMNS.map(([key, , digits]) => {
    const spread = spreadOf(figures.map((each) => each[key]));
    if (spread === undefined) return "-";
    const [median, least, most] = [spread.median, spread.min, spread.max].map((value) =>
      value.toFixed(digits),
    );
    return `${median} (${least}-${most})`;
  });
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.padEnd(24))
    .join("")
    .trimEnd();
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function byNumber(a: number, b: number): number {
  return a - b;
}
