import { spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll } from "vitest";
import { Child } from "../server/child.js";

interface StockServer {
  port(): number;
  wsPort(): number;
  pid(): number;
}

/** The built server for the tests of one file: `port()` once it listens, `wsPort()` for WebSocket. */
export function stockServer(...flags: string[]): StockServer {
  let child: Child | undefined;
  let port = 0;
  let wsPort = 0;
  beforeAll(async () => {
    child = new Child("start", "--port", "0", "--ws-port", "0", "--memory", ...flags);
    port = await child.listening();
    wsPort = Number(await child.printed(/ws:\/\/\S+:(\d+)/));
  }, 30_000);
  afterAll(async () => {
    child?.signal("SIGTERM");
    await child?.ended;
  });
  return { port: () => port, wsPort: () => wsPort, pid: () => child?.process.pid ?? 0 };
}

/** Whether a program can be run here; the arguments must make it end at once. */
export function canRun(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: 10_000 }).error === undefined;
}

/** What a program printed and how it ended. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** A program under way. */
export interface Running {
  readonly ended: Promise<Outcome>;
  /** Resolves when its output, both streams together, matches; fails when it ends before. */
  until(pattern: RegExp): Promise<void>;
  /** Ends it. */
  end(): void;
}

/** Starts a program that ends by itself, or is ended after `timeoutMs`. */
export function run(program: string, args: readonly string[], timeoutMs = 20_000): Running {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let out = "";
  let err = "";
  let onChange: () => void = () => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    onChange();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    onChange();
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.once("close", (code) => resolve({ out, err, code }));
  });
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      onChange = () => {
        if (pattern.test(out + err)) resolve();
      };
      void ended.then(() => reject(new Error(`${program} ended: ${out}${err}`)));
      onChange();
    });
  return { ended, until, end: () => void child.kill() };
}
