import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../", import.meta.url));
const RUN_MS = 240_000; // for a machine that is busy

/** What stands between two fences. */
export interface Snippet {
  readonly language: string;
  readonly text: string;
}

const CTRL_C = "Press Ctrl-C in the server's terminal";

/** The snippets of a page, in order, and where the reader is to stop the server. */
export function snippetsOf(markdown: string): readonly Snippet[] {
  const parts = new RegExp(`^\`\`\`(.*?)\\n(.*?)^\`\`\`$|${CTRL_C}`, "gms");
  return [...markdown.matchAll(parts)].map(([, language = CTRL_C, text = ""]) => ({
    language,
    text,
  }));
}

/** Ports that the pages name; each run has others in their place. */
export const PORTS = ["1883", "1884", "8083", "8883", "9090", "18083"] as const;
export type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

const ANY_PORT = new RegExp(String.raw`\b(${PORTS.join("|")})\b`, "g");

/** Commands that go on until their terminal is closed, and what each says when it is ready. */
const STAYS: readonly (readonly [begins: RegExp, ready: RegExp])[] = [
  [/^(beeline start(?!.*\|\|)|docker run|sudo systemctl enable)/, /beeline listening/],
  [/^prometheus /, /Server is ready/],
  [/^mosquitto -c/, /running/],
  [/^mosquitto_sub(?!.* -C )/, /Subscribed/],
];

const SHELL = readFileSync(fileURLToPath(new URL("stand-ins.sh", import.meta.url)), "utf8");

/**
 * A page, tried as a reader would try it: its shell snippets in one folder, one after the other, each that
 * goes on in a terminal of its own; its programs; and what it says they print.
 */
export class PageRun {
  readonly #folder = mkdtempSync(join(tmpdir(), "beeline-docs-"));
  readonly #ports: Ports;
  readonly #waitMs: number;
  readonly #terminals: ChildProcess[] = [];
  readonly #servers: ChildProcess[] = [];
  #said = "";
  /** What the last program has printed; a server in another terminal may say something meanwhile. */
  #programSaid = "";
  /** Whether the last snippet was a program: what it prints is shown as a whole. */
  #isProgram = false;
  #onSaid: () => void = () => undefined;

  /** @param waitMs - How long a snippet may take. */
  constructor(ports: Ports, waitMs = RUN_MS) {
    this.#ports = ports;
    this.#waitMs = waitMs;
    symlinkSync(join(root, "packaging"), join(this.#folder, "packaging"));
  }

  /** @throws Error when it fails, does not print what the page says, or nobody knows how to run it. */
  async run({ language, text }: Snippet): Promise<void> {
    const here = this.#here(text);
    if (language === "js") await this.#program(here);
    else if (language === "bash") await this.#shell(here);
    else if (language === "text" && this.#isProgram) this.#printsAll(here);
    else if (language === "text") await this.#prints(here);
    else if (language === "json") JSON.parse(here);
    else if (language === "yaml") parse(here);
    else if (language === CTRL_C) await this.#stopServer();
    else throw new Error(`nobody runs snippets of the language "${language}": ${text}`);
    this.#isProgram = language === "js";
  }

  /** Closes the terminals. */
  async end(): Promise<void> {
    for (const { pid } of this.#terminals) if (pid !== undefined) killGroup(pid, "SIGTERM");
    await Promise.all(this.#terminals.map(ended));
    rmSync(this.#folder, { recursive: true });
  }

  #here(text: string): string {
    return text
      .replaceAll(ANY_PORT, (port) => String(this.#ports[port as keyof Ports]))
      .replaceAll(/(?<=[ "])\/etc\//g, `${this.#folder}/etc/`);
  }

  async #program(code: string): Promise<void> {
    // In the clone, so that it finds the packages; what it keeps on disk goes to the page's folder.
    const kept = code.replaceAll(
      '"beeline-data"',
      JSON.stringify(join(this.#folder, "beeline-data")),
    );
    const args = ["--input-type=module", "--eval", kept];
    this.#said = "";
    this.#programSaid = "";
    const child = spawn(process.execPath, args, { cwd: root, ...STDIO });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer | string) => {
        this.#programSaid += String(chunk);
      });
    }
    await this.#done(child, code);
  }

  async #shell(commands: string): Promise<void> {
    const last = commands.trimEnd().split("\n").at(-1) ?? "";
    const ready = STAYS.find(([begins]) => begins.test(last))?.[1];
    const script = join(this.#folder, ".snippet.sh");
    writeFileSync(script, `${SHELL}\n${commands}`);
    const child = spawn("bash", [script], {
      cwd: this.#folder,
      env: this.#environment(),
      detached: true,
      ...STDIO,
    });
    if (ready === undefined) return this.#done(child, commands);
    this.#terminals.push(child);
    if (last.startsWith("beeline start")) this.#servers.push(child);
    const from = this.#said.length;
    this.#listen(child);
    await this.#until(() => ready.test(this.#said.slice(from)), commands, child);
  }

  async #prints(text: string): Promise<void> {
    for (const line of text.trimEnd().split("\n")) {
      const pattern = line.split("…").map(escaped).join(".*");
      await this.#until(() => new RegExp(pattern).test(this.#said), `a line like: ${line}`);
    }
    this.#said = ""; // what is shown next has to be printed anew
  }

  /** A program has ended: no line more, none less, in this order. */
  #printsAll(text: string): void {
    const pattern = text.trimEnd().split("…").map(escaped).join(".*");
    const said = this.#programSaid.trimEnd();
    if (!new RegExp(`^${pattern}$`).test(said)) throw new Error(`not what it printed: ${said}`);
    this.#said = "";
  }

  async #stopServer(): Promise<void> {
    const server = this.#servers.pop();
    if (server?.pid === undefined) throw new Error("there is no server to stop");
    killGroup(server.pid, "SIGINT");
    await ended(server);
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return {
      ...{ PATH, HOME, MAIN: join(root, "dist/cli/main.js"), PORT: `${this.#ports[1883]}` },
      ...{ ADMIN_PORT: `${this.#ports[18083]}`, FOLDER: this.#folder, ROOT: root },
    };
  }

  #listen(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#said += chunk;
        this.#onSaid();
      });
    }
  }

  async #done(child: ChildProcess, what: string): Promise<void> {
    const from = this.#said.length;
    this.#listen(child);
    const timer = setTimeout(() => child.kill("SIGKILL"), this.#waitMs);
    const code = await ended(child);
    clearTimeout(timer);
    if (code === 0) return;
    throw new Error(`exit code ${code} of: ${what}It said: ${this.#said.slice(from)}`);
  }

  #until(isSo: () => boolean, what: string, child?: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (): void =>
        reject(new Error(`waited for ${what}. Said so far: ${this.#said}`));
      const timer = setTimeout(failed, this.#waitMs);
      child?.once("close", failed);
      this.#onSaid = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onSaid();
    });
  }
}

const STDIO: { readonly stdio: ("ignore" | "pipe")[] } = { stdio: ["ignore", "pipe", "pipe"] };

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("close", (code) => resolve(code)));
}

/** The shell of a terminal and what it has started. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
