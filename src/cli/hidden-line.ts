/** What is read from, and where is asked. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    setRawMode?(mode: boolean): unknown;
  };
  readonly stderr: { write(text: string): unknown };
}

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const BACKSPACES: readonly string[] = ["\x7f", "\b"];

/** More is no password. */
const LENGTH_MAX = 65_535;

/**
 * One line from a terminal that does not show what is typed, or the first line of any other input.
 *
 * @throws Error when it ends before that, or at Ctrl-C.
 */
export async function hiddenLine({ stdin, stderr }: Terminal, question: string): Promise<string> {
  const isTerminal = stdin.isTTY === true;
  if (isTerminal) {
    stderr.write(question);
    stdin.setRawMode?.(true);
  }
  try {
    return await lineOf(stdin);
  } finally {
    if (isTerminal) {
      stdin.setRawMode?.(false);
      stderr.write("\n");
    }
  }
}

function lineOf(stdin: Terminal["stdin"]): Promise<string> {
  const line = new TypedLine(stdin.isTTY === true);
  stdin.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stdin.off("data", onData).off("end", onEnd).off("error", reject);
      stdin.pause();
    };
    const onData = (chunk: string | Buffer): void => {
      try {
        if (!line.takes(String(chunk))) return;
        resolve(line.text);
      } catch (error) {
        reject(error);
      }
      end();
    };
    const onEnd = (): void => {
      if (line.text === "") reject(new Error("no password came"));
      else resolve(line.text);
      end();
    };
    stdin.on("data", onData).on("end", onEnd).on("error", reject);
    stdin.resume();
  });
}

/** What was typed so far. Keys that edit a line do so on a terminal only. */
class TypedLine {
  readonly #isTerminal: boolean;
  readonly #keys: string[] = [];

  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal;
  }

  get text(): string {
    return this.#keys.join("");
  }

  /**
   * @returns whether the line has ended.
   * @throws Error at Ctrl-C, and when it is too long.
   */
  takes(text: string): boolean {
    for (const key of text) {
      if (key === "\n" || key === "\r") return true;
      if (this.#isTerminal && key === CTRL_D) return true;
      if (this.#isTerminal && key === CTRL_C) throw new Error("stopped");
      if (this.#isTerminal && BACKSPACES.includes(key)) this.#keys.pop();
      else this.#keys.push(key);
      if (this.#keys.length > LENGTH_MAX) throw new Error("the line is too long");
    }
    return false;
  }
}
