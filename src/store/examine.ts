import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { Examination } from "./examination.js";
import type { Findings } from "./findings.js";
import { FORMAT, FORMAT_KEY } from "./format.js";
import { examineFormat1 } from "./format-1.js";
import { Table } from "./keys.js";
import { DATA_FILE } from "./lmdb-file.js";
import type { KeyBounds } from "./lmdb-node.js";
import { LmdbPages, type SkipsRange, type TakeEntry } from "./lmdb-pages.js";
import { decodeJson } from "./records.js";

const NO_KEY = Buffer.alloc(0);

/**
 * Reads every page and every record of a store that nobody writes to, without LMDB: nothing in the
 * file can end the process. O(bytes): about a second for a million messages.
 *
 * @param isQuick - Leaves out the records of queues and large messages, which are nearly all of it,
 *   but for the pages that lead to them.
 * @returns `undefined` when there is no store yet.
 */
export function examineStore(folder: string, isQuick = false): Findings | undefined {
  const file = join(folder, DATA_FILE);
  if (!existsSync(file) || statSync(file).size === 0) return undefined; // made, and not yet written
  const handle = openSync(file, "r");
  try {
    const format = formatIn(handle);
    if (format === 1) return examineFormat1(handle);
    const findings = examineHandle(handle, isQuick);
    if (format !== undefined || damageOf(findings) === 0) return findings;
    const older = examineFormat1(handle); // it may be one that cannot say so any more
    return damageOf(older) < damageOf(findings) ? older : findings;
  } finally {
    closeSync(handle);
  }
}

function damageOf({ damaged, lost }: Findings): number {
  return damaged.length + lost.length;
}

function examineHandle(handle: number, isQuick: boolean): Findings {
  const examination = new Examination(isQuick);
  const pages = new LmdbPages(handle, isQuick ? isQueueOnly : undefined);
  pages.walk(isQuick ? withoutQueues(examination.take) : examination.take);
  const missing = examination.missingPayloads;
  if (missing.size > 0) {
    new LmdbPages(handle).walk((key, value) => examination.takeLost(key, value, missing));
  }
  const findings = examination.finish(pages.problems);
  const owners = examination.namedOwners;
  if (owners.size > 0) {
    new LmdbPages(handle).walk((key, value) => examination.takeName(key, value, owners));
  }
  return findings;
}

/** The format that a data file names; `undefined`: none. Reads one page of each level. */
function formatIn(handle: number): unknown {
  let format: unknown;
  const isElsewhere: SkipsRange = ({ least, before }) =>
    (least !== undefined && Buffer.compare(least, FORMAT_KEY) > 0) ||
    (before !== undefined && Buffer.compare(before, FORMAT_KEY) <= 0);
  new LmdbPages(handle, isElsewhere).walk((key, value) => {
    if (key.equals(FORMAT_KEY)) format = formatOf(value);
  });
  return format;
}

function formatOf(value: Buffer): unknown {
  try {
    return decodeJson(NO_KEY, value, "format");
  } catch {
    return FORMAT; // damaged: told by the examination
  }
}

const isQueueOnly: SkipsRange = (bounds) =>
  isWithin(Table.DELIVERY, bounds) || isWithin(Table.PAYLOAD, bounds);

/** Whether a range has only keys of this table. */
function isWithin(table: Table, { least, before }: KeyBounds): boolean {
  return least?.[0] === table && before?.[0] === table;
}

/** The first and the last page of a table may have some. */
function withoutQueues(take: TakeEntry): TakeEntry {
  return (key, value) => {
    if (key[0] !== Table.DELIVERY && key[0] !== Table.PAYLOAD) take(key, value);
  };
}
