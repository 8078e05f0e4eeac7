import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerMessage } from "./aedes-server.js";

/** An Aedes that runs in another process. */
export class AedesServer {
  readonly port: number;
  readonly codec: string;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number, codec: string) {
    this.#process = child;
    this.port = port;
    this.codec = codec;
  }

  /** @param swapped - Whether it gets our codec in the place of mqtt-packet. */
  static async start(swapped: boolean): Promise<AedesServer> {
    const execArgv = swapped ? ["--import", new URL("./swap.js", import.meta.url).href] : [];
    const file = fileURLToPath(new URL("./aedes-server.js", import.meta.url));
    const child = fork(file, { execArgv });
    const [message] = (await once(child, "message")) as [ServerMessage];
    if (message.kind !== "listening") throw new Error("the server spoke out of turn");
    return new AedesServer(child, message.port, message.codec);
  }

  /** CPU time that it has used so far, all of its threads. */
  async cpuMs(): Promise<number> {
    this.#process.send("usage");
    const [message] = (await once(this.#process, "message")) as [ServerMessage];
    if (message.kind !== "usage") throw new Error("the server spoke out of turn");
    return message.cpuMs;
  }

  stop(): void {
    this.#process.kill();
  }
}
