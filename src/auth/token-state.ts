import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CredentialFileError } from "./credential-file.js";
import { Revocations } from "./revocations.js";

const KEY_BYTES = 32;

/** What outlives a restart of whoever issues tokens. */
export interface TokenState {
  /** Tokens are signed with it. */
  readonly key: Uint8Array;
  readonly revocations: Revocations;
}

/**
 * The key for tokens and those that were revoked, in a folder that is made if it is missing.
 *
 * @throws CredentialFileError when what is there cannot be used.
 */
export async function openTokenState(folder: string, nowMs: number): Promise<TokenState> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = await keyIn(join(folder, "token-key"));
  return { key, revocations: await Revocations.open(join(folder, "revoked-tokens"), nowMs) };
}

async function keyIn(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(`${randomBytes(KEY_BYTES).toString("hex")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const text = (await readFile(file, "latin1")).trim();
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, "hex");
  throw new CredentialFileError(
    file,
    1,
    "expected: 64 hexadecimal digits, as this server makes them",
  );
}
