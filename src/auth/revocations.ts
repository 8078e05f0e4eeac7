import { createReadStream } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { CredentialFileError } from "./credential-file.js";

/** As many as may be revoked and not have expired yet. */
const REVOKED_MAX = 1_000_000;
const LINE = /^([0-9a-f-]{36}) (\d{1,16})$/;

/**
 * Tokens that were revoked, until they would have expired. In a file: a restart lets none of them in
 * again. One process writes it.
 */
export class Revocations {
  readonly #handle: FileHandle;
  /** By the token's id: when it expires, in ms since 1970. */
  readonly #untilMs: Map<string, number>;

  /** @throws CredentialFileError for a file that is none: whoever was revoked would get in again. */
  static async open(file: string, nowMs: number): Promise<Revocations> {
    const untilMs = await readRevoked(file, nowMs);
    const beside = `${file}.new`;
    const handle = await open(beside, "w", 0o600);
    await handle.writeFile([...untilMs].map(([id, until]) => `${id} ${until}\n`).join(""));
    await handle.sync();
    await rename(beside, file);
    return new Revocations(handle, untilMs);
  }

  private constructor(handle: FileHandle, untilMs: Map<string, number>) {
    this.#handle = handle;
    this.#untilMs = untilMs;
  }

  has(id: string): boolean {
    return this.#untilMs.has(id);
  }

  /**
   * Revokes a token; it holds when the promise resolves, and outlives a power cut.
   *
   * @returns false when too many are revoked.
   */
  async add(id: string, expireTime: number, nowMs: number): Promise<boolean> {
    if (this.#untilMs.has(id) || expireTime <= nowMs) return true;
    if (this.#untilMs.size >= REVOKED_MAX) this.#forget(nowMs);
    if (this.#untilMs.size >= REVOKED_MAX) return false;
    this.#untilMs.set(id, expireTime);
    await this.#handle.write(`${id} ${expireTime}\n`);
    await this.#handle.datasync();
    return true;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #forget(nowMs: number): void {
    for (const [id, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(id);
  }
}

/** A last line without its end was being written when the power went: nobody was told that it held. */
async function readRevoked(file: string, nowMs: number): Promise<Map<string, number>> {
  const untilMs = new Map<string, number>();
  let number = 0;
  let torn: number | undefined;
  try {
    const lines = createInterface({
      input: createReadStream(file, "utf8"),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) {
      number += 1;
      if (torn !== undefined) break;
      const [, id, until] = LINE.exec(line) ?? [];
      if (id === undefined) torn = number;
      else if (Number(until) > nowMs) untilMs.set(id, Number(until));
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return untilMs;
    throw new CredentialFileError(file, 0, "the tokens that were revoked cannot be read");
  }
  if (torn !== undefined && torn < number) {
    throw new CredentialFileError(file, torn, "expected: the id of a token and when it expires");
  }
  return untilMs;
}
