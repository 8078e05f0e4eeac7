import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const LINES_MAX = 400;
/** What a node says that cannot go on as another one has its name, or what it kept. */
const REPLACED =
  /another node has joined the cluster as |has taken over what this one kept in its replica/;

/** A server of the built command, as one node of a cluster, that can be killed and stopped. */
export class ClusterNodeProcess {
  readonly name: string;
  readonly port: number;
  readonly lines: string[] = [];
  /** It ended by itself, so often: a node that cannot go on, or a fault of ours. */
  unexpectedEnds = 0;
  /** Of these, so often because another process had its name: as documented, when it comes back as others take over. */
  replacedEnds = 0;
  #isReplaced = false;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #isWanted = false;

  /** @param extra - Flags besides. */
  constructor(
    name: string,
    port: number,
    main: string,
    servers: readonly string[],
    extra: readonly string[] = [],
  ) {
    this.name = name;
    this.port = port;
    this.#args = [
      ...[main, "start", "--port", String(port), "--allow-anonymous", "--no-admin"],
      ...["--cluster-node", name, "--sys-interval-seconds", "0", ...extra],
      ...["--cluster", ...servers],
    ];
  }

  /** Where the build has put the command. */
  static main(): string {
    const root = import.meta.url.includes("/.cache/") ? "../../../../" : "../../";
    return fileURLToPath(new URL(`${root}dist/cli/main.js`, import.meta.url));
  }

  /** Starts it, and again whenever it ends by itself, as a supervisor does. */
  start(): void {
    this.#isWanted = true;
    this.#isReplaced = false;
    const child = spawn(process.execPath, this.#args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        if (REPLACED.test(text)) this.#isReplaced = true;
        for (const line of text.split("\n")) if (line !== "") this.lines.push(line);
        this.lines.splice(0, this.lines.length - LINES_MAX);
      });
    }
    child.on("exit", () => {
      if (!this.#isWanted || this.#child !== child) return;
      this.unexpectedEnds += 1;
      if (this.#isReplaced) this.replacedEnds += 1;
      this.start();
    });
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await gone;
  }

  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }
}
