import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 64 * 1024;

/**
 * What a file that people write holds, as text. Not `readFileSync`: what is named may be a pipe, or
 * have no end.
 *
 * @param bytesMax - One that has more is something else.
 * @throws Error that says what is wrong with it; whoever asked says which file it is.
 */
export function fileText(file: string, bytesMax: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(file, bytesMax));
  } catch (error) {
    throw new Error(sentenceFor(error));
  }
}

function bytesOf(file: string, bytesMax: number): Uint8Array {
  const handle = openSync(file, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let length = 0; ; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = readSync(handle, chunk, 0, chunk.length, null);
      if (count === 0) return Buffer.concat(chunks);
      length += count;
      if (length > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
}

function sentenceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "this user may not read it";
    case "EISDIR":
      return "it is a folder, not a file";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "it is not UTF-8 text";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
