import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../protocol/errors.js";

const FILE = "admin-token";
const BYTES = 24;
const CHARACTERS_MIN = 16;

/** The token of the API, and where it stands. */
export interface AdminToken {
  readonly token: string;
  readonly file: string;
}

/**
 * The token of the API: that of a file, or of `admin-token` in the data folder, which is made when it
 * is missing, for the user of the server alone.
 *
 * @returns `undefined`: there is neither a file nor a folder, and the API is off.
 * @throws UsageError when the file cannot be read, or holds too little.
 */
export function adminToken(
  given: string | undefined,
  folder: string | undefined,
): AdminToken | undefined {
  const file = given ?? (folder === undefined ? undefined : join(folder, FILE));
  if (file === undefined) return undefined;
  if (given === undefined && !existsSync(file)) make(file);
  const token = textOf(file);
  if (token.length < CHARACTERS_MIN) {
    throw new UsageError(
      `the admin token in ${file} has ${token.length} characters; at least ${CHARACTERS_MIN} are needed`,
    );
  }
  return { token, file };
}

function make(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const token = `${randomBytes(BYTES).toString("base64url")}\n`;
  writeFileSync(file, token, { mode: 0o600, flag: "wx" });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the admin token cannot be read: ${why}`);
  }
}
