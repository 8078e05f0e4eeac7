import { randomUUID } from "node:crypto";
import { chmod, open, rename, stat, unlink } from "node:fs/promises";
import { writingWords } from "../files/file-words.js";
import { UsageError } from "../protocol/errors.js";
import { CredentialFileError, textOf } from "./credential-file.js";
import { hashOf } from "./password-hash.js";

/** Only its owner may read a new file. */
const NEW_FILE_MODE = 0o600;

/**
 * Enters a user's password into a file of `user:hash`, in place of an older one; the file is made if
 * it is missing. Whoever reads it sees the old file or the new one, whole, also after a power cut.
 *
 * @returns whether the user was new.
 * @throws UsageError for a name or a password that a file cannot hold; CredentialFileError when it
 *   cannot be read or written.
 */
export async function setPassword(
  file: string,
  username: string,
  password: string,
): Promise<boolean> {
  checkUsername(username);
  if (password === "" || /[\0\r\n]/.test(password)) {
    throw new UsageError(
      "the password is refused; allowed: not empty, without line breaks and NUL",
    );
  }
  const lines = await linesOf(file);
  const entry = `${username}:${await hashOf(new TextEncoder().encode(password))}`;
  const at = lines.findIndex((line) => isOf(username, line));
  if (at < 0) lines.push(entry);
  else lines[at] = entry;
  await replace(file, lines);
  return at < 0;
}

/**
 * Takes a user out of a file; every other line stays as it is.
 *
 * @returns whether the user was in it.
 * @throws CredentialFileError when the file cannot be read or written.
 */
export async function removePassword(file: string, username: string): Promise<boolean> {
  checkUsername(username);
  await stat(file).catch(() => {
    throw new CredentialFileError(file, 0, "there is no such file");
  });
  const lines = await linesOf(file);
  const others = lines.filter((line) => !isOf(username, line));
  if (others.length === lines.length) return false;
  await replace(file, others);
  return true;
}

function checkUsername(username: string): void {
  if (username !== "" && !/[:\0\r\n]/.test(username) && !username.startsWith("#")) return;
  throw new UsageError(
    `the user name is ${JSON.stringify(username)}; allowed: not empty, without : and line breaks, ` +
      "and not with # in front",
  );
}

function isOf(username: string, line: string): boolean {
  return line.startsWith(`${username}:`);
}

/** Every line, without the line break of the last one; none where there is no file. */
async function linesOf(file: string): Promise<string[]> {
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  const text = exists ? await textOf(file) : "";
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** In place of the old file in one step, with its mode. */
async function replace(file: string, lines: readonly string[]): Promise<void> {
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => NEW_FILE_MODE,
  );
  const beside = `${file}.${randomUUID()}`;
  try {
    const handle = await open(beside, "wx", NEW_FILE_MODE);
    try {
      await handle.writeFile(lines.map((line) => `${line}\n`).join(""));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(beside, mode);
    await rename(beside, file);
  } catch (error) {
    await unlink(beside).catch(() => undefined);
    throw new CredentialFileError(file, 0, `cannot be written: ${writingWords(error, file)}`);
  }
}
