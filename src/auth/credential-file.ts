import { bytesOfFileLater, FileTooLargeError } from "../files/bounded-file.js";

/** A file with credentials cannot be used: its message says where, and what was expected. */
export class CredentialFileError extends Error {
  override readonly name = "CredentialFileError";

  /** @param line - From 1 on; 0: the file as a whole. What stands there is not shown: it is a secret. */
  constructor(file: string, line: number, expected: string) {
    super(line === 0 ? `${file}: ${expected}` : `${file}:${line}: ${expected}`);
  }
}

/** Files have some lines; a disk image named by mistake must not fill the memory. */
const BYTES_MAX = 64 * 1024 * 1024;

/** A line with something in it. */
export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a file that are neither empty nor begin with `#`.
 *
 * @throws CredentialFileError when it cannot be read or is no UTF-8.
 */
export async function linesOf(file: string): Promise<readonly Line[]> {
  return (await textOf(file))
    .split("\n")
    .map((text, at) => ({ number: at + 1, text: text.replace(/\r$/, "") }))
    .filter(({ text }) => text.trim() !== "" && !text.startsWith("#"));
}

/**
 * What a file holds, as text.
 *
 * @throws CredentialFileError when it cannot be read or is no UTF-8.
 */
export async function textOf(file: string): Promise<string> {
  const bytes = await bytesOf(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CredentialFileError(file, 0, "it is no text; expected: UTF-8");
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await bytesOfFileLater(file, BYTES_MAX);
  } catch (error) {
    if (error instanceof FileTooLargeError) {
      throw new CredentialFileError(file, 0, `has more than ${BYTES_MAX} bytes`);
    }
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CredentialFileError(file, 0, REASONS[String(code)] ?? `cannot be read: ${code}`);
  }
}

const REASONS: Readonly<Record<string, string>> = Object.freeze({
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder; expected: a file",
});

/** One entry by name, as a line has it. */
export interface NamedLine {
  readonly line: number;
  readonly name: string;
  readonly rest: string;
}

/**
 * Splits `name:rest` lines at the first colon. [H05]
 *
 * @param expected - What a line must look like, for messages.
 * @throws CredentialFileError for a line without a name or a rest, and for a name that comes twice.
 */
export function namedLines(file: string, lines: readonly Line[], expected: string): NamedLine[] {
  const seen = new Map<string, number>();
  return lines.map(({ number, text }) => {
    const at = text.indexOf(":");
    if (at < 1 || at === text.length - 1) {
      throw new CredentialFileError(file, number, `expected: ${expected}`);
    }
    const name = text.slice(0, at);
    const before = seen.get(name);
    if (before !== undefined) {
      throw new CredentialFileError(file, number, `its name stands in line ${before} already`);
    }
    seen.set(name, number);
    return { line: number, name, rest: text.slice(at + 1) };
  });
}
