import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shown } from "../log/escape.js";
import type { LogFields, Logger } from "../log/logger.js";
import type { StandInConfig } from "./stand-in.js";
import type { StandInNews } from "./stand-in-main.js";

/** In the data folder: what other nodes have kept, while this one stands in for them. */
const FOLDER = "adopted";
/** Enough for the largest home to be read and given away; then something is wrong. */
const TERM_MS = 15 * 60_000;
const MAIN = fileURLToPath(new URL("./stand-in-main.js", import.meta.url));

/** Stands in for nodes that are gone, in a process for each. */
export class StandingIn {
  readonly #config: Omit<StandInConfig, "by">;
  readonly #logger: Logger;
  readonly #begin: () => ChildProcess;
  readonly #children = new Set<ChildProcess>();

  /**
   * @param config - Of this server.
   * @param begin - Makes such a process.
   */
  constructor(
    config: Omit<StandInConfig, "by">,
    logger: Logger,
    begin = (): ChildProcess =>
      fork(MAIN, [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  ) {
    this.#config = config;
    this.#logger = logger;
    this.#begin = begin;
  }

  /** For `createBroker`. */
  readonly standIn = async (nodeName: string): Promise<void> => {
    const { store, cluster } = this.#config;
    const path = join(store.path, FOLDER, Buffer.from(nodeName).toString("base64url"));
    const config: StandInConfig = {
      ...{ ...this.#config, store: { ...store, path } },
      cluster: { ...cluster, nodeName, onEngineLoss: "close" },
      by: cluster.nodeName,
    };
    rmSync(path, { recursive: true, force: true }); // of a server that was killed
    const child = this.#begin();
    this.#children.add(child);
    try {
      await this.#ended(child, nodeName, config);
    } finally {
      this.#children.delete(child);
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    }
  };

  /** Ends all that are not done: other nodes go on with what they have left. */
  close(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  #ended(child: ChildProcess, nodeName: string, config: StandInConfig): Promise<void> {
    return new Promise((resolve, reject) => {
      let failure: string | undefined = "the process that did it has ended";
      const term = setTimeout(() => child.kill("SIGKILL"), TERM_MS).unref();
      child.on("message", (news: StandInNews) => {
        if ("level" in news) this.#tell(news, nodeName);
        else failure = news.failure;
      });
      child.on("error", (error) => {
        failure = error.message; // it could not be begun, or not be told: then it does nothing
        child.kill("SIGKILL");
        if (child.pid === undefined) child.emit("exit");
      });
      child.on("exit", () => {
        clearTimeout(term);
        if (failure === undefined) resolve();
        else reject(new Error(failure));
      });
      // Without a process there is no one to be told, and no channel where the system had no file left for it.
      if (child.pid !== undefined) child.send(config, ignore);
    });
  }

  #tell(
    { level, text, fields }: { level: "warn" | "error"; text: string; fields: LogFields },
    nodeName: string,
  ): void {
    this.#logger[level]?.(`in place of node ${shown(nodeName)}: ${text}`, fields);
  }
}

/** Whoever is told of the end knows why. */
function ignore(): void {}
