import { createServer } from "node:net";

/**
 * The kernel hands out ports from 32,768 on, to listeners that do not mind and to the near end of every
 * connection. One of those that is free now may be somebody's a moment later, before the program for which it
 * was chosen listens on it, or while that program is stopped; one from down here stays free.
 */
const FIRST = 20_000;
/** Each worker of a run of tests chooses among its own: two may look at the same moment. */
const WORKERS = 6;
const OF_EACH = 2_000;
/** RocketMQ takes a second port, two below the one it is told. */
const STEP = 4;

const { VITEST_POOL_ID = "0" } = process.env;
const worker = Number(VITEST_POOL_ID) % WORKERS;
/** Two runs on one machine should not look at the same ones, either. */
let next = (process.pid * STEP) % OF_EACH;

/** A port that nobody listens on, nor on the one two below; the same one is not given twice. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < OF_EACH / STEP; tries += 1) {
    const port = FIRST + worker * OF_EACH + next + 2;
    next = (next + STEP) % OF_EACH;
    if ((await isFree(port)) && (await isFree(port - 2))) return port;
  }
  throw new Error("no port is free");
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
