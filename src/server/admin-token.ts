import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { textOfFile } from "../files/bounded-file.js";
import { readingWords } from "../files/file-words.js";
import { UsageError } from "../protocol/errors.js";

/** In the data folder. */
export const TOKEN_FILE = "admin-token";
const BYTES = 24;
const CHARACTERS_MIN = 16;
const BYTES_MAX = 64 * 1024;

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
 * @throws UsageError when the file cannot be read, holds too little, or what no header can carry.
 */
export function adminToken(
  given: string | undefined,
  folder: string | undefined,
): AdminToken | undefined {
  const file = given ?? (folder === undefined ? undefined : join(folder, TOKEN_FILE));
  if (file === undefined) return undefined;
  if (given === undefined && !existsSync(file)) make(file);
  const token = textOf(file);
  if (token.length < CHARACTERS_MIN) {
    throw new UsageError(
      `the admin token in ${file} has ${token.length} characters; at least ${CHARACTERS_MIN} are needed`,
    );
  }
  if (!/^[ -~]+$/.test(token)) {
    throw new UsageError(
      `the admin token in ${file} is not one line of ASCII characters: no request could carry it`,
    );
  }
  return { token, file };
}

/**
 * What a start will say of the token: that of a file that is named, or that is there already. None is
 * made.
 *
 * @returns nothing that people should know all the same.
 * @throws UsageError
 */
export function checkAdminToken({ admin, store }: CheckedParts): readonly string[] {
  if (admin === undefined) return [];
  const { tokenFile } = admin;
  const made = store === undefined ? undefined : join(store.path, TOKEN_FILE);
  if (tokenFile !== undefined || (made !== undefined && existsSync(made))) {
    adminToken(tokenFile, store?.path);
  }
  return [];
}

/** As much of a server's configuration as the token depends on. */
interface CheckedParts {
  readonly admin?: { readonly tokenFile?: string | undefined } | undefined;
  readonly store?: { readonly path: string } | undefined;
}

function make(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const token = `${randomBytes(BYTES).toString("base64url")}\n`;
  writeFileSync(file, token, { mode: 0o600, flag: "wx" });
}

function textOf(file: string): string {
  try {
    return textOfFile(file, BYTES_MAX).trim();
  } catch (error) {
    throw new UsageError(`the admin token in ${file} cannot be read: ${readingWords(error)}`);
  }
}
