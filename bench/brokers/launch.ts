import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { availableParallelism, constants, setPriority } from "node:os";

/** Where and how eagerly a process runs. */
export interface Placement {
  /** Number of the CPU; undefined: any. */
  readonly cpu: number | undefined;
  readonly nice: number;
}

/** A process started here, and how it ended. */
export interface Started {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it wrote to stderr, the end of it. */
  readonly complaint: () => string;
  readonly ended: Promise<number | null>;
}

/** CPU 0 for the server and CPU 1 for the generator, if there are two and `taskset` can bind. */
export function placements(nice: number): { readonly server: Placement; readonly load: Placement } {
  const canPin =
    availableParallelism() >= 2 && spawnSync("taskset", ["--version"]).error === undefined;
  return {
    server: { cpu: canPin ? 0 : undefined, nice },
    load: { cpu: canPin ? 1 : undefined, nice },
  };
}

/** Starts a program at its place, in a group of its own; it is ended with this process. */
export function start(command: readonly string[], place: Placement): Started {
  const whole = place.cpu === undefined ? command : ["taskset", "-c", `${place.cpu}`, ...command];
  const child = spawn(whole[0] as string, whole.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  running.add(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      complaint += error.message;
      resolve(1);
    });
    child.once("close", resolve);
  });
  void ended.then(() => running.delete(child));
  if (child.pid !== undefined) favour(child.pid, place.nice);
  return { pid: child.pid ?? -1, child, complaint: () => complaint, ended };
}

/** Asks a process to end, and makes it after three seconds. */
export async function stop({ child, ended }: Started): Promise<void> {
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), 3000);
  await ended;
  clearTimeout(insist);
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}

/**
 * Waits until a started server listens.
 *
 * @param secondsMax - How long that may take.
 * @throws Error with what it wrote to stderr, when it ended or took longer.
 */
export async function listening(server: Started, port: number, secondsMax = 10): Promise<void> {
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  for (let attempt = 0; attempt < 20 * secondsMax && !over; attempt += 1) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server does not listen on port ${port}: ${gist(server.complaint())}`);
}

/** The one line of a program's last words that says most. */
export function gist(complaint: string): string {
  const lines = complaint.split("\n").filter((line) => line.trim() !== "");
  const thrown = lines.find((line) => /^\s*\w*Error\b.*:/.test(line));
  const error = thrown ?? lines.find((line) => /error/i.test(line));
  return (error ?? lines.at(-1) ?? "it said nothing").trim();
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Linux weighs groups of processes first (autogroup), then the processes within one. */
function favour(pid: number, nice: number): void {
  if (nice === 0) return;
  try {
    setPriority(pid, nice);
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // Not allowed, or no autogroups here: the figures are noisier, not wrong.
  }
}

const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
