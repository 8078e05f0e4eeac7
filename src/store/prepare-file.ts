import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./backend.js";
import { isAsClosed } from "./closed-mark.js";
import { encodeReferences } from "./delivery-record.js";
import { examineStore } from "./examine.js";
import { type Findings, isFit, isForeign, linesOf } from "./findings.js";
import { FORMAT, FORMAT_KEY } from "./format.js";
import { ownerKey, Table } from "./keys.js";
import { Ledger } from "./ledger.js";
import type { LmdbBackend } from "./lmdb-backend.js";
import { DATA_FILE, damaged } from "./lmdb-file.js";
import { TIME_KEY } from "./numbers.js";
import { forgetRebuilding, rebuildStore } from "./rebuild.js";
import { decodeJson, encodeJson } from "./records.js";
import { REPLICA_KEY } from "./replica-position.js";
import { DamagedRecordError, seal } from "./seal.js";
import { StoreError } from "./store-error.js";

const NO_KEY = Buffer.alloc(0);
/**
 * A file up to this size is looked at as a whole at each start: half a second at most. A larger one
 * is, unless it is as the last server left it when it stopped in good order.
 */
const LOOK_AT_ALL_BYTES = 128 * 1024 * 1024;

/**
 * Looks whether a server can work on the data file of a folder, before LMDB opens it, and brings an
 * older format up to date. [J06] [J07] [J09]
 *
 * @returns what a look at it has found; `undefined`: there is no store yet.
 * @throws StoreError for a foreign, damaged or newer store.
 */
export function prepareDataFile(folder: string): Findings | undefined {
  forgetRebuilding(folder);
  const file = join(folder, DATA_FILE);
  if (!existsSync(file)) return undefined;
  const { nlink, size, mtimeMs } = statSync(file);
  if (nlink > 1) {
    throw new StoreError(
      `the store file ${file} has a second name (a hard link), under which another server could ` +
        "write to it: remove that name, or give this server a copy of the folder",
    );
  }
  const findings = examineStore(folder, size > LOOK_AT_ALL_BYTES && isAsClosed(folder));
  if (findings === undefined) return undefined;
  refuseUnfit(file, findings);
  if (findings.format !== 1) return findings;
  rebuildStore(folder, findings, mtimeMs);
  return { ...findings, references: new Map() }; // what is lost was left out, and is to be told
}

/**
 * What is to be changed before a server begins: what is damaged goes, and the books are put right.
 *
 * @param isReplicated - Else what it writes from now on is in no replica: the note of how far it has
 *   followed one goes.
 */
export function mend(
  backend: LmdbBackend,
  findings: Findings | undefined,
  isReplicated: boolean,
): void {
  const operations: Operation[] = [];
  const isNoted = !isReplicated && backend.get(REPLICA_KEY) !== undefined;
  if (isNoted) operations.push({ kind: "delete", key: REPLICA_KEY });
  if (findings?.format === undefined) {
    operations.push(formatRecord());
  } else if (findings.format === FORMAT) {
    mendRecords(backend, findings, operations);
  }
  if (operations.length > 0) backend.commitNow(operations);
}

/** Says that a store has today's format. */
export function formatRecord(): Operation {
  return { kind: "put", key: FORMAT_KEY, value: seal(NO_KEY, encodeJson(FORMAT)) };
}

/** What happened to messages before the server began, for whoever listens. */
export function lossesOf(findings: Findings | undefined): readonly Error[] {
  if (findings === undefined) return [];
  const lines = linesOf({ ...findings, structure: [], damaged: [], queues: [] });
  return lines.map((line) => new DamagedRecordError(line));
}

/** The time of the store where the last run left it. [J10] */
export function storedTime(backend: LmdbBackend): number | undefined {
  const record = backend.get(TIME_KEY);
  return record === undefined ? undefined : Number(decodeJson(TIME_KEY, record, "time"));
}

function refuseUnfit(file: string, findings: Findings): void {
  const { format } = findings;
  if (format !== undefined && format !== 1 && format !== FORMAT) {
    throw new StoreError(
      `the store file ${file} has format ${String(format)}; this version reads format ${FORMAT}: ` +
        "start the version that wrote it, or choose another folder with --data-dir",
    );
  }
  if (isForeign(findings)) {
    throw damaged(file, "it holds something, but does not say that it is a store of Beeline");
  }
  if (isFit(findings)) return;
  const [first = "", ...others] = linesOf({ ...findings, lost: [] });
  const more = others.length === 0 ? "" : ` (and ${others.length} more: 'beeline store check')`;
  throw damaged(file, `${first}${more}`);
}

function mendRecords(backend: LmdbBackend, findings: Findings, operations: Operation[]): void {
  const ledger = new Ledger(backend);
  for (const { key, owner } of findings.lost) {
    ledger.count(owner, -1);
    operations.push({ kind: "delete", key });
  }
  ledger.finish(operations);
  for (const [payload, count] of findings.references) {
    const key = ownerKey(Table.REFERENCES, payload);
    if (count > 0) {
      operations.push({ kind: "put", key, value: seal(key, encodeReferences(count)) });
    } else {
      operations.push({ kind: "delete", key });
      operations.push({ kind: "delete", key: ownerKey(Table.PAYLOAD, payload) });
    }
  }
}
