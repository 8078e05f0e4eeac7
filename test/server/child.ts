import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

interface ChildOptions extends SpawnOptions {
  /** What is started with the arguments. Default: the built command. */
  readonly command?: readonly [program: string, ...args: string[]];
}

/** The built command as a process of its own. */
export class Child {
  out = "";
  err = "";
  readonly process: ChildProcess;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  #onChange: () => void = () => undefined;

  constructor(...args: [ChildOptions, ...string[]] | string[]) {
    const [first, ...rest] = args;
    const isOptions = typeof first === "object";
    const flags = (isOptions ? rest : args) as string[]; // only the first may be options
    const { command = [process.execPath, main], ...options } = isOptions ? first : {};
    const [program, ...before] = command;
    this.process = spawn(program, [...before, ...alone(flags)], {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      this.#onChange();
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
      this.#onChange();
    });
    this.ended = once(this.process, "close").then(([code, signal]) => code ?? signal);
    this.ended.then(() => this.#onChange());
  }

  /** Resolves when it is ready, with the port it has. Fails when it ends before that. */
  async listening(): Promise<number> {
    return Number(await this.printed(/listening.*mqtt:\/\/\S+:(\d+)\n/));
  }

  /** Resolves when its output matches, with the first group. Fails when it ends before that. */
  async printed(pattern: RegExp): Promise<string> {
    const found = (): string | undefined => pattern.exec(this.out)?.[1];
    await this.until(() => found() !== undefined);
    return found() as string; // just found
  }

  /** Resolves as soon as something printed makes `condition` true. Fails when it ends before that. */
  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#onChange = () => {
        if (condition()) resolve();
        else if (this.process.exitCode !== null) reject(new Error(`it ended: ${this.err}`));
      };
      this.#onChange();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }
}

/** Servers of many tests run at the same time: none of them takes the one port for health and metrics. */
function alone(args: readonly string[]): readonly string[] {
  const isStart = args[0] === "start" && !args.some((arg) => arg.startsWith("--admin"));
  return isStart ? [...args, "--no-admin"] : args;
}
