import { createHmac, randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import type { ConnectAttempt, Verdict } from "../ports/policy.js";
import { CheckQueue, NotCheckedError } from "./check-queue.js";
import { ACCEPTED, CANNOT_TELL, type Credential, REFUSED } from "./credential.js";
import { CredentialFileError, linesOf, namedLines } from "./credential-file.js";
import { CREDENTIAL_ROWS, type OptionsOf } from "./credential-options.js";
import {
  HASH_FORMATS,
  hasArgon2,
  hashFrom,
  hashOf,
  needsArgon2,
  type PasswordHash,
} from "./password-hash.js";

/** As many as there are threads for it: what waits here can still be left out. [M02] */
const AT_ONCE_MAX = Math.min(2, availableParallelism());

/**
 * A file of `user:hash`. A user in it is accepted or refused, everybody else is passed on.
 *
 * @throws CredentialFileError naming file and line.
 */
export async function openPasswords({
  file,
  checksMax = CREDENTIAL_ROWS.passwords.checksMax.default,
}: OptionsOf<"passwords">): Promise<Credential> {
  return new Passwords(file, checksMax, await readPasswords(file));
}

class Passwords implements Credential {
  readonly #file: string;
  readonly #queue: CheckQueue;
  readonly #secret = randomBytes(32);
  #users: Users;

  constructor(file: string, checksMax: number, users: Users) {
    this.#file = file;
    this.#queue = new CheckQueue(AT_ONCE_MAX, checksMax);
    this.#users = users;
  }

  async check(attempt: ConnectAttempt): Promise<Verdict | undefined> {
    const { username, password } = attempt;
    if (username === undefined || password === undefined) return undefined;
    const known = this.#users.byName.get(username);
    const hash = known ?? this.#hashFor(username);
    try {
      const isRight = await this.#queue.run(attempt, () => hash(password));
      if (known === undefined) return undefined;
      // HMAC, and so PBKDF2 and scrypt, make no difference between "a" and "a" with NULs behind it.
      return isRight && !password.includes(0) ? ACCEPTED : REFUSED;
    } catch (error) {
      if (error instanceof NotCheckedError) return CANNOT_TELL;
      throw error;
    }
  }

  async pretend(attempt: ConnectAttempt): Promise<Verdict | undefined> {
    const { username, password } = attempt;
    if (username === undefined || password === undefined) return undefined;
    try {
      await this.#queue.run(attempt, () => this.#hashFor(username)(password));
    } catch (error) {
      if (error instanceof NotCheckedError) return CANNOT_TELL;
    }
    return undefined;
  }

  async prepare(): Promise<() => void> {
    const users = await readPasswords(this.#file);
    return () => {
      this.#users = users;
    };
  }

  /**
   * The hash of some user, always the same one for a name: where hashes of a file cost different
   * times, names that nobody has cost as different ones. [M01]
   */
  #hashFor(username: string): PasswordHash {
    const { hashes } = this.#users;
    const number = createHmac("sha256", this.#secret).update(username).digest().readUInt32LE();
    return hashes[number % hashes.length] as PasswordHash; // there is one at least
  }
}

interface Users {
  readonly byName: ReadonlyMap<string, PasswordHash>;
  /** Theirs; one of nobody's where there are none. */
  readonly hashes: readonly PasswordHash[];
}

async function readPasswords(file: string): Promise<Users> {
  const byName = new Map<string, PasswordHash>();
  const lines = namedLines(
    file,
    await linesOf(file),
    `user:hash, with a hash like ${HASH_FORMATS}`,
  );
  for (const { line, name, rest } of lines) {
    const hash = hashFrom(rest);
    if (hash === undefined) {
      const words = `the hash of ${JSON.stringify(name)} is in no known format; expected: ${HASH_FORMATS}`;
      throw new CredentialFileError(file, line, words);
    }
    if (needsArgon2(rest) && !(await hasArgon2())) {
      const words = "$argon2id$ needs the package @node-rs/argon2, which is not installed here";
      throw new CredentialFileError(file, line, words);
    }
    byName.set(name, hash);
  }
  const hashes = byName.size > 0 ? [...byName.values()] : [await nobodys()];
  return { byName, hashes };
}

async function nobodys(): Promise<PasswordHash> {
  return hashFrom(await hashOf(randomBytes(16))) as PasswordHash; // as we write it
}
