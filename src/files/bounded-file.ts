import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

const CHUNK_BYTES = 64 * 1024;

/** A file is not what it was taken for: it has more bytes than that could have. */
export class FileTooLargeError extends Error {
  override readonly name = "FileTooLargeError";

  constructor(bytesMax: number) {
    super(`it has more than ${bytesMax} bytes`);
  }
}

/**
 * What a file holds that people name. Not `readFile`: what is named may be a pipe, or have no end like
 * `/dev/zero`, and would be read until no memory is left.
 *
 * @param bytesMax - One that has more is something else.
 * @throws FileTooLargeError; and what the system says when it cannot be read.
 */
export function bytesOfFile(file: string, bytesMax: number): Uint8Array {
  const handle = openSync(file, "r");
  try {
    const bounded = new Bounded(bytesMax);
    let chunk: Uint8Array;
    do chunk = new Uint8Array(CHUNK_BYTES);
    while (bounded.takes(chunk, readSync(handle, chunk, 0, chunk.length, null)));
    return bounded.bytes;
  } finally {
    closeSync(handle);
  }
}

/** The same without holding up the process: a pipe may have nobody yet who writes to it. */
export async function bytesOfFileLater(file: string, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const bounded = new Bounded(bytesMax);
    let chunk: Uint8Array;
    do chunk = new Uint8Array(CHUNK_BYTES);
    while (bounded.takes(chunk, (await handle.read(chunk)).bytesRead));
    return bounded.bytes;
  } finally {
    await handle.close();
  }
}

/** Text of a small file, with what is not UTF-8 replaced. @throws as {@link bytesOfFile} */
export function textOfFile(file: string, bytesMax: number): string {
  return new TextDecoder().decode(bytesOfFile(file, bytesMax));
}

class Bounded {
  readonly #bytesMax: number;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @param count - So many bytes of the chunk were read. @returns whether there may be more. */
  takes(chunk: Uint8Array, count: number): boolean {
    this.#length += count;
    if (this.#length > this.#bytesMax) throw new FileTooLargeError(this.#bytesMax);
    if (count > 0) this.#chunks.push(chunk.subarray(0, count));
    return count > 0;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}
