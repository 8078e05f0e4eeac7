import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockFolder } from "./folder-lock.js";
import { checkFormat } from "./format.js";
import { Table, tableRange } from "./keys.js";
import { LmdbBackend } from "./lmdb-backend.js";
import { checkDataFile, DATA_FILE } from "./lmdb-file.js";
import {
  DamagedRecordError,
  decodeDelivery,
  decodeInbox,
  decodeRetained,
  decodeSession,
  decodeSubscription,
  decodeWill,
  Times,
} from "./records.js";
import { StoreError } from "./store-error.js";

/** How much a stopped store holds of each kind. */
export interface StoreReport {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly deliveries: number;
  readonly inbound: number;
  readonly inboxes: number;
  readonly retained: number;
  readonly wills: number;
  /** Bytes of all records. */
  readonly bytes: number;
  /** One line for each record that is not what was written. */
  readonly damages: readonly string[];
}

const TIMES = new Times(0);

/** What each table holds, and how to tell whether a record of it is whole. */
const TABLES = {
  sessions: [Table.SESSION, (value: Uint8Array) => decodeSession(value, 0, TIMES)],
  subscriptions: [Table.SUBSCRIPTION, decodeSubscription],
  deliveries: [Table.DELIVERY, (value: Uint8Array) => decodeDelivery(value, 0, TIMES)],
  inbound: [Table.INBOUND, () => undefined],
  inboxes: [Table.INBOX, (value: Uint8Array) => decodeInbox(value, 0)],
  retained: [Table.RETAINED, decodeRetained],
  wills: [Table.WILL, (value: Uint8Array) => decodeWill(value, 0)],
} as const;

/**
 * Reads every record of a store that no server uses.
 *
 * @throws StoreError when there is none, when it is in use, foreign, or damaged as a whole.
 */
export async function inspectStore(path: string): Promise<StoreReport> {
  if (!existsSync(join(path, DATA_FILE))) {
    throw new StoreError(`there is no store in ${path}: name the folder that --data-dir named`);
  }
  const release = lockFolder(path);
  try {
    checkDataFile(path);
    const backend = new LmdbBackend({ path, readOnly: true });
    checkFormat(backend, join(path, DATA_FILE), true);
    const report = read(backend);
    await backend.close();
    return report;
  } finally {
    release();
  }
}

function read(backend: LmdbBackend): StoreReport {
  const counts: Record<string, number> = {};
  const damages: string[] = [];
  let bytes = 0;
  for (const [name, [table, decode]] of Object.entries(TABLES)) {
    const { from, to } = tableRange(table);
    let count = 0;
    for (const { key, value } of backend.entries(from, to)) {
      count += 1;
      bytes += key.length + value.length;
      const damage = damageOf(() => decode(value));
      if (damage !== undefined) damages.push(`${name}, record ${count}: ${damage}`);
    }
    counts[name] = count;
  }
  return { ...counts, bytes, damages } as unknown as StoreReport; // every name of TABLES is counted
}

function damageOf(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof DamagedRecordError) return error.message;
    throw error;
  }
}
