import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { explained } from "./folder-error.js";
import { lockByKernel } from "./kernel-lock.js";
import {
  decodeIdentity,
  encodeIdentity,
  isOurKind,
  isRunning,
  ownIdentity,
  type ProcessIdentity,
} from "./process-identity.js";
import { StoreError } from "./store-error.js";

/** Locks that this process holds: where there is no /proc, only this tells them from stale ones. */
const held = new Set<string>();
const LOCK_FILE = "beeline.lock";
const FILE_MODE = 0o600;
const ATTEMPTS = 3;
/**
 * Who holds a lock gives a sign of life every second. Somebody whom we cannot ask otherwise, in
 * another container or on another machine, is gone when there was none for so long.
 */
const SILENCE_MS = 5_000;
const LOOK_EVERY_MS = 100;

/** A folder that this process alone uses. */
export interface FolderLock {
  /** Gives a sign of life; about once a second. */
  beat(): void;
  /** Somebody has removed or taken it. */
  readonly isLost: boolean;
  /** Once; a later lock of the same folder is not its own. */
  release(): void;
}

/**
 * Takes a folder for this process alone, until `release` or the process's end, whatever ends it: a
 * lock whose process is gone counts for nothing. [J08]
 *
 * The kernel keeps the lock where there is a program to ask it for one. Besides that, the file says
 * who has it, for systems without that program and for machines that share a disk.
 *
 * @param silenceMs - How long somebody may be silent whom only signs of life can tell from a dead
 *   one: then this call takes as long.
 * @throws {@link StoreError} when another process has it, or this one already, or when the folder
 *   cannot be used.
 */
export function lockFolder(path: string, silenceMs = SILENCE_MS): FolderLock {
  const file = join(path, LOCK_FILE);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const handle = openLockFile(path, file);
    try {
      if (tryTake(path, file, handle, silenceMs)) return new HeldLock(file, handle);
    } catch (error) {
      closeSync(handle);
      throw error;
    }
    closeSync(handle); // it was removed by its holder meanwhile
  }
  throw new StoreError(`the store in ${path} is being opened by other processes: try again`);
}

function openLockFile(path: string, file: string): number {
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  } catch (error) {
    throw explained(error, path);
  }
}

/** @returns whether it is ours; false: the file is not there any more. */
function tryTake(path: string, file: string, handle: number, silenceMs: number): boolean {
  const kernel = lockByKernel(handle);
  const before = readAll(handle);
  const own = ownIdentity(kernel === "locked", fileOf(handle));
  const holder = decodeIdentity(before);
  if (holder !== undefined && kernel !== "refused" && isCopy(holder, own)) {
    throw new StoreError(
      `the store in ${path} is a copy, made while ${nameOf(holder, own)} had the original: it may ` +
        "hold half a write. Stop that server and copy it again; or, if it is from a snapshot of the " +
        `whole disk, remove ${file}`,
    );
  }
  if (kernel === "refused" || isHeld(file, handle, holder, own, silenceMs)) {
    throw new StoreError(
      `the store in ${path} is in use by ${nameOf(holder, own)}: stop that server, or choose ` +
        "another folder with --data-dir",
    );
  }
  if (!isSame(file, handle)) return false;
  ftruncateSync(handle);
  writeSync(handle, encodeIdentity(own), 0);
  return kernel === "locked" || isStillOurs(file, handle, own);
}

class HeldLock implements FolderLock {
  readonly #file: string;
  readonly #handle: number;
  readonly #text: string;
  #isReleased = false;

  constructor(file: string, handle: number) {
    this.#file = file;
    this.#handle = handle;
    this.#text = readAll(handle);
    held.add(file);
  }

  beat(): void {
    if (this.#isReleased) return;
    const nowSeconds = Date.now() / 1_000;
    futimesSync(this.#handle, nowSeconds, nowSeconds);
  }

  get isLost(): boolean {
    if (this.#isReleased) return false;
    return !isSame(this.#file, this.#handle) || readAll(this.#handle) !== this.#text;
  }

  release(): void {
    if (this.#isReleased) return;
    const isOurs = !this.isLost;
    this.#isReleased = true;
    held.delete(this.#file);
    if (isOurs) rmSync(this.#file, { force: true });
    closeSync(this.#handle);
  }
}

/** Whether it was copied from a folder whose holder still runs. [J08] */
function isCopy(holder: ProcessIdentity, own: ProcessIdentity): boolean {
  const isOther = holder.file !== "" && holder.file !== own.file;
  return isOther && isOurKind(holder, own) && isRunning(holder);
}

/** Whether whom the file names still has it. */
function isHeld(
  file: string,
  handle: number,
  holder: ProcessIdentity | undefined,
  own: ProcessIdentity,
  silenceMs: number,
): boolean {
  if (holder === undefined) return false;
  if (isOurKind(holder, own)) {
    const isPredecessor = holder.pid === own.pid && !held.has(file) && holder.start === "";
    return !isPredecessor && isRunning(holder);
  }
  if (holder.boot !== own.boot && holder.host === own.host) return false; // before the last reboot
  const isOfThisKernel = holder.boot === own.boot && holder.boot !== "";
  if (isOfThisKernel && holder.isKernelLocked && own.isKernelLocked) return false; // it let go
  return givesSignOfLife(handle, silenceMs);
}

function givesSignOfLife(handle: number, silenceMs: number): boolean {
  const { mtimeMs } = fstatSync(handle);
  for (let waitedMs = 0; waitedMs < silenceMs; waitedMs += LOOK_EVERY_MS) {
    sleep(LOOK_EVERY_MS);
    if (fstatSync(handle).mtimeMs !== mtimeMs) return true;
  }
  return false;
}

/** Without the kernel's help two may have taken it at once: who wrote last has it. */
function isStillOurs(file: string, handle: number, own: ProcessIdentity): boolean {
  sleep(LOOK_EVERY_MS);
  return isSame(file, handle) && readAll(handle) === encodeIdentity(own);
}

/** Whether the open file is the one that has this name. */
function isSame(file: string, handle: number): boolean {
  const named = statSync(file, { throwIfNoEntry: false });
  const opened = fstatSync(handle);
  return named !== undefined && named.ino === opened.ino && named.dev === opened.dev;
}

function nameOf(holder: ProcessIdentity | undefined, own: ProcessIdentity): string {
  if (holder === undefined) return "another process";
  if (!isOurKind(holder, own)) return `process ${holder.pid} of ${holder.host}`;
  return holder.pid === own.pid ? `this very process, ${own.pid}` : `process ${holder.pid}`;
}

function fileOf(handle: number): string {
  const { dev, ino } = fstatSync(handle);
  return `${dev}:${ino}`;
}

/** From its beginning: the position of the handle is not used. */
function readAll(handle: number): string {
  const bytes = Buffer.alloc(TEXT_BYTES_MAX);
  return bytes.toString("utf8", 0, readSync(handle, bytes, 0, TEXT_BYTES_MAX, 0));
}

const TEXT_BYTES_MAX = 1_024;

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
