import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { encodeReferences, payloadOf } from "./delivery-record.js";
import { type Findings, isFit } from "./findings.js";
import { FORMAT, FORMAT_KEY } from "./format.js";
import { walkFormat1 } from "./format-1.js";
import { ownerKey, ownerOf, sequenceOf, Table } from "./keys.js";
import { DATA_FILE } from "./lmdb-file.js";
import { LmdbPages, type TakeEntry } from "./lmdb-pages.js";
import { NEXT_KEY, numberRecord, TIME_KEY } from "./numbers.js";
import { encodeQueues, QUEUES_PER_RECORD, queueKey } from "./queue-counts.js";
import { decodeJson, encodeJson } from "./records.js";
import { REPLICA_KEY } from "./replica-position.js";
import { seal, sealedEnd } from "./seal.js";

/** Within the store's folder: the new file until it is whole. */
const WORK_FOLDER = "rebuilding";
const FOLDER_MODE = 0o700;
/** Records in one transaction. */
const STEP = 2_000;
const NO_KEY = Buffer.alloc(0);

/** Forgets a rebuilding that did not come to its end: the store is as it was. */
export function forgetRebuilding(path: string): void {
  rmSync(join(path, WORK_FOLDER), { recursive: true, force: true });
}

/**
 * Writes a store anew in today's format, with every record that is whole and new books, and puts it
 * in the place of the old one in one step: whenever it is interrupted, the old one is there.
 *
 * Needs room for both. O(bytes).
 *
 * @param findings - What a look at the old one has found: what is damaged is left out.
 * @param timeMs - The time of the store, if the old one does not tell.
 * @returns how many records were left out because what they belong to is damaged.
 */
export function rebuildStore(path: string, findings: Findings, timeMs: number): number {
  forgetRebuilding(path);
  const folder = join(path, WORK_FOLDER);
  mkdirSync(folder, { mode: FOLDER_MODE });
  const handle = openSync(join(path, DATA_FILE), "r");
  let orphans: number;
  try {
    orphans = writeAll(folder, handle, findings, timeMs);
  } finally {
    closeSync(handle);
  }
  sync(join(folder, DATA_FILE));
  takeAfter(join(path, DATA_FILE), join(folder, DATA_FILE));
  renameSync(join(folder, DATA_FILE), join(path, DATA_FILE));
  sync(path);
  forgetRebuilding(path);
  return orphans;
}

/**
 * Gives a file the owner and mode of another: somebody has chosen them. Where this user may not give
 * it to that group, it stays its own alone. [J12]
 */
function takeAfter(model: string, file: string): void {
  const { mode, uid, gid } = statSync(model);
  const isGiven = tryChown(file, uid, gid) || tryChown(file, statSync(file).uid, gid);
  chmodSync(file, mode & (isGiven ? 0o777 : 0o700));
}

function tryChown(file: string, uid: number, gid: number): boolean {
  try {
    chownSync(file, uid, gid);
    return true;
  } catch {
    return false;
  }
}

/** Keeps a copy of the data file beside it. @returns its name. */
export function copyAside(path: string): string {
  const copy = join(path, `${DATA_FILE}.damaged-${Date.now()}`);
  copyFileSync(join(path, DATA_FILE), copy);
  return copy;
}

function writeAll(folder: string, handle: number, findings: Findings, timeMs: number): number {
  const database = open<Buffer, Buffer>({
    path: folder,
    noSubdir: false,
    keyEncoding: "binary",
    encoding: "binary",
    noSync: true, // it is synced as a whole
  });
  let waiting: [Buffer, Buffer][] = [];
  const write = (): void => {
    const records = waiting;
    waiting = [];
    database.transactionSync(() => {
      for (const [key, record] of records) database.putSync(key, record);
    });
  };
  const owners = isFit(findings) ? undefined : ownersIn(handle, findings);
  const copy = new Copy(findings, owners, (key, record) => {
    waiting.push([Buffer.from(key), Buffer.from(record)]);
    if (waiting.length >= STEP) write();
  });
  copyAll(handle, findings, copy.take);
  copy.finish(timeMs);
  write();
  void database.close(); // at once: nothing is under way
  return copy.orphans;
}

/** Who has a Session or an inbox that is whole. */
function ownersIn(handle: number, findings: Findings): ReadonlySet<number> {
  const owners = new Set<number>();
  copyAll(handle, findings, (key, record) => {
    const isOwner = key[0] === Table.SESSION || key[0] === Table.INBOX;
    if (isOwner && isWhole(key, record)) owners.add(ownerOf(key));
  });
  return owners;
}

function copyAll(handle: number, { format }: Findings, take: TakeEntry): void {
  const pages = new LmdbPages(handle);
  if (format === 1) walkFormat1(pages, take);
  else pages.walk(take);
}

/** Hands on what is whole, and counts for the books. */
class Copy {
  readonly #put: (key: Uint8Array, record: Uint8Array) => void;
  readonly #lost: ReadonlySet<string>;
  readonly #queues = new Map<number, Uint32Array>();
  readonly #references = new Map<number, number>();
  readonly #owners: ReadonlySet<number> | undefined;
  #lastNumber = 0;
  #hasTime = false;
  /** Records left out because nobody owns them any more. */
  orphans = 0;

  /** @param owners - Whose records are wanted; `undefined`: everybody's. */
  constructor(
    findings: Findings,
    owners: ReadonlySet<number> | undefined,
    put: (key: Uint8Array, record: Uint8Array) => void,
  ) {
    this.#put = put;
    this.#owners = owners;
    this.#lost = new Set(findings.lost.map(({ owner, sequence }) => `${owner}.${sequence}`));
  }

  readonly take = (key: Buffer, record: Buffer): void => {
    const table = key[0];
    if (table === Table.QUEUE || table === Table.REFERENCES || !isWhole(key, record)) return;
    if (table === Table.META) {
      if (isWrittenAnew(key)) return;
      if (key.equals(NEXT_KEY)) {
        this.#lastNumber = Math.max(this.#lastNumber, Number(decodeJson(key, record, "next key")));
        return;
      }
      if (key.equals(TIME_KEY)) this.#hasTime = true;
    } else if (table !== Table.RETAINED) {
      this.#lastNumber = Math.max(this.#lastNumber, ownerOf(key));
    }
    if (this.#isOrphan(key)) {
      this.orphans += 1;
      return;
    }
    if (table === Table.DELIVERY && !this.#countDelivery(key, record)) return;
    if (table === Table.PAYLOAD && !this.#references.has(ownerOf(key))) return;
    this.#put(key, record);
  };

  /** Appends the books. */
  finish(timeMs: number): void {
    for (const [number, counts] of this.#queues) {
      const key = queueKey(number);
      this.#put(key, seal(key, encodeQueues(counts)));
    }
    for (const [payload, count] of this.#references) {
      const key = ownerKey(Table.REFERENCES, payload);
      this.#put(key, seal(key, encodeReferences(count)));
    }
    this.#put(NEXT_KEY, numberRecord(NEXT_KEY, this.#lastNumber));
    if (!this.#hasTime) this.#put(TIME_KEY, numberRecord(TIME_KEY, timeMs));
    this.#put(FORMAT_KEY, seal(NO_KEY, encodeJson(FORMAT)));
  }

  /** Its Session or inbox is damaged: nobody could ever ask for it. */
  #isOrphan(key: Buffer): boolean {
    const table = key[0];
    const isOwned =
      table === Table.DELIVERY || table === Table.SUBSCRIPTION || table === Table.INBOUND;
    return isOwned && this.#owners !== undefined && !this.#owners.has(ownerOf(key));
  }

  /** @returns whether it stays. */
  #countDelivery(key: Buffer, record: Buffer): boolean {
    const owner = ownerOf(key);
    if (this.#lost.has(`${owner}.${sequenceOf(key)}`)) return false;
    const number = Math.floor(owner / QUEUES_PER_RECORD);
    const counts = this.#queues.get(number) ?? new Uint32Array(QUEUES_PER_RECORD);
    counts[owner % QUEUES_PER_RECORD] = (counts[owner % QUEUES_PER_RECORD] ?? 0) + 1;
    this.#queues.set(number, counts);
    const payload = payloadOf(key, record);
    if (payload !== 0) this.#references.set(payload, (this.#references.get(payload) ?? 0) + 1);
    return true;
  }
}

/** What is left is not what a replica has: how far it was followed means nothing any more. */
function isWrittenAnew(key: Buffer): boolean {
  return key.equals(FORMAT_KEY) || key.equals(REPLICA_KEY);
}

function isWhole(key: Buffer, record: Buffer): boolean {
  try {
    return sealedEnd(key.equals(FORMAT_KEY) ? NO_KEY : key, record, 0, "") >= 0;
  } catch {
    return false;
  }
}

function sync(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}
