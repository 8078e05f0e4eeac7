import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { HASH_THREADS } from "./hash-threads.js";

/**
 * A hash of a password as a line of a file has it: whether a password is the one. It works in
 * threads of its own where it takes long.
 */
export type PasswordHash = (password: Uint8Array) => Promise<boolean>;

/** What {@link hashFrom} expects, for messages. */
export const HASH_FORMATS = "$scrypt$..., $7$..., $6$... or $argon2id$...";

/** Memory for scrypt is 128 * r * 2 ** ln bytes: 16 MiB; some 40 ms on one core. */
const COST = { ln: 14, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A line with more is a mistake, or wants to stop the server. */
const SCRYPT_BYTES_MAX = 256 * 1024 * 1024;
const ITERATIONS_MAX = 10_000_000;
/** Salt and hash in bytes. */
const BYTES_MAX = 1024;

const scryptOf = promisify<Uint8Array, Uint8Array, number, ScryptCost, Buffer>(scrypt);

interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly maxmem: number;
}

/** A new hash of a password, with a salt of its own: `$scrypt$ln=14,r=8,p=1$...$...`. */
export async function hashOf(password: Uint8Array): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await scryptOf(password, salt, HASH_BYTES, scryptCost(COST.ln, COST.r, COST.p));
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * The hash that a text stands for: our own (scrypt), those of mosquitto_passwd (PBKDF2 with SHA-512,
 * and SHA-512 alone), and Argon2id.
 *
 * @returns `undefined` for a text in no known format.
 */
export function hashFrom(text: string): PasswordHash | undefined {
  return scryptFrom(text) ?? pbkdf2From(text) ?? sha512From(text) ?? argon2From(text);
}

function scryptFrom(text: string): PasswordHash | undefined {
  const [, ln, r, p, salt, hash] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  const parts = saltAndHash(salt, hash);
  const cost = scryptCost(Number(ln), Number(r), Number(p));
  if (parts === undefined || !isScryptCost(cost)) return undefined;
  const { salt: own, hash: wanted } = parts;
  const job = { kind: "scrypt", salt: own, length: wanted.length, cost } as const;
  return async (password) =>
    timingSafeEqual(await HASH_THREADS.derive({ ...job, password }), wanted);
}

function scryptCost(ln: number, r: number, p: number): ScryptCost {
  return { N: 2 ** ln, r, p, maxmem: 2 * SCRYPT_BYTES_MAX };
}

function isScryptCost({ N, r, p }: ScryptCost): boolean {
  return N >= 2 && r >= 1 && p >= 1 && p <= 16 && 128 * r * N <= SCRYPT_BYTES_MAX;
}

/** As mosquitto_passwd of 2.0 writes them. */
function pbkdf2From(text: string): PasswordHash | undefined {
  const [, count, salt, hash] = /^\$7\$(\d{1,8})\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  const parts = saltAndHash(salt, hash);
  const iterations = Number(count);
  if (parts === undefined || iterations < 1 || iterations > ITERATIONS_MAX) return undefined;
  const { salt: own, hash: wanted } = parts;
  const job = { kind: "pbkdf2", salt: own, length: wanted.length, iterations } as const;
  return async (password) =>
    timingSafeEqual(await HASH_THREADS.derive({ ...job, password }), wanted);
}

/** As mosquitto_passwd wrote them before 2.0, and does with `-H sha512`. */
function sha512From(text: string): PasswordHash | undefined {
  const [, salt, hash] = /^\$6\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  const parts = saltAndHash(salt, hash);
  if (parts === undefined || parts.hash.length !== 64) return undefined;
  return async (password) =>
    timingSafeEqual(createHash("sha512").update(password).update(parts.salt).digest(), parts.hash);
}

/** In the form in which every library writes them. */
function argon2From(text: string): PasswordHash | undefined {
  const [, memory, passes, lanes, salt, hash] =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  if (saltAndHash(salt, hash) === undefined) return undefined;
  const isFit =
    Number(memory) * 1024 <= SCRYPT_BYTES_MAX && Number(passes) >= 1 && Number(lanes) >= 1;
  if (!isFit) return undefined;
  return async (password) => (await argon2()).verify(text, password);
}

/** Loaded when it is first needed: most files have no such line. */
function argon2(): Promise<typeof import("@node-rs/argon2")> {
  return import("@node-rs/argon2");
}

/** Whether a hash needs the package `@node-rs/argon2`. */
export function needsArgon2(text: string): boolean {
  return text.startsWith("$argon2id$");
}

/** Whether that package is there: it is optional, and has no build for some machines. */
export async function hasArgon2(): Promise<boolean> {
  try {
    await argon2();
    return true;
  } catch {
    return false;
  }
}

function saltAndHash(
  salt: string | undefined,
  hash: string | undefined,
): { readonly salt: Uint8Array; readonly hash: Uint8Array } | undefined {
  const bytes = { salt: fromBase64(salt), hash: fromBase64(hash) };
  if (bytes.salt === undefined || bytes.hash === undefined || bytes.hash.length < 16)
    return undefined;
  return { salt: bytes.salt, hash: bytes.hash };
}

/** With or without padding, and nothing else in it: `Buffer` alone would take anything. */
function fromBase64(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  const isWhole = unpadded(bytes) === text.replace(/=+$/, "");
  return isWhole && bytes.length <= BYTES_MAX ? bytes : undefined;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
