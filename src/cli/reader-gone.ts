import type { Writable } from "node:stream";

/** Where a program writes: `process`. */
export interface Outputs {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** What a shell makes of SIGPIPE, which ends other programs here: 128 + 13. Node ignores it. */
const READER_GONE = 141;

/**
 * From now on the process ends, without a word, when nobody reads what it writes any more:
 * `beeline conformance --list | head`.
 */
export function endWithReader({ stdout, stderr }: Outputs): void {
  for (const output of [stdout, stderr]) output.on("error", onError);
}

/** For a server, which has others to work for than whoever reads its lines. */
export function outliveReader({ stdout, stderr }: Outputs): void {
  for (const output of [stdout, stderr]) output.off("error", onError);
}

function onError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(READER_GONE);
}
