import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const READY = /listening on mqtt:\/\/127\.0\.0\.1:(\d+)/;
const ADMIN = /\/metrics on (http:\S+)/;

/** The built server, in a process that can be killed. */
export interface BeelineProcess {
  readonly port: number;
  readonly pid: number;
  /** A figure of the bridge, by the end of its name; 0 without an admin port. */
  figure(name: string): Promise<number>;
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** @throws Error when it does not start. */
export async function beelineProcess(flags: readonly string[]): Promise<BeelineProcess> {
  const main = join(process.cwd(), "dist", "cli", "main.js");
  const args = [main, "start", "--port", "0", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let text = "";
  const port = await new Promise<number>((resolve, reject) => {
    const take = (bytes: Buffer): void => {
      if (text.length > 100_000) return; // it has started long ago
      text += bytes;
      const found = READY.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    void ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const figure = async (name: string): Promise<number> => {
    const url = ADMIN.exec(text)?.[1];
    if (url === undefined) return 0;
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^mqtt_rocketmq_${name} (\\d+)$`, "m").exec(metrics)?.[1] ?? 0);
  };
  return { port, pid: child.pid ?? -1, figure, kill };
}
