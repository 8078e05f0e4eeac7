/** The server cannot start: the message says why, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export function asStartError(error: unknown): never {
  throw new StartError(error instanceof Error ? error.message : String(error));
}
