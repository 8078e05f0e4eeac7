import type { Backend } from "./backend.js";
import { metaKey } from "./keys.js";
import { damaged } from "./lmdb-file.js";
import { decodeJson, encodeJson } from "./records.js";
import { StoreError } from "./store-error.js";

/**
 * What the records of a store look like. Another number is another layout. [J09]
 *
 * 2: a delivery may name the share it came by. Everything else is as in 1.
 */
export const FORMAT = 2;
/** This one is read as it is, and marked: older versions must not read what is written from now on. */
const OLDER_FORMAT = 1;

const FORMAT_KEY = metaKey("format");
const FIRST_KEY = Uint8Array.of(1);
const LAST_KEY = Uint8Array.of(0xff);

/**
 * Looks whether a store is of the layout this version reads, and marks an empty one as such.
 *
 * @param isReadOnly - Only looks: a store of the older layout stays marked as that.
 * @throws StoreError for a foreign, damaged or newer store.
 */
export function checkFormat(backend: Backend, file: string, isReadOnly = false): void {
  const format = readFormat(backend);
  if (format === FORMAT) return;
  if (format === undefined) {
    for (const _ of backend.entries(FIRST_KEY, LAST_KEY)) {
      throw damaged(file, "it holds something, but does not say that it is a store of Beeline");
    }
    mark(backend);
    return;
  }
  if (format === OLDER_FORMAT) {
    if (!isReadOnly) mark(backend);
    return;
  }
  throw new StoreError(
    `the store file ${file} has format ${format}; this version reads format ${FORMAT}: start the ` +
      "version that wrote it, or choose another folder with --data-dir",
  );
}

function mark(backend: Backend): void {
  const value = encodeJson(FORMAT);
  backend.commit([{ kind: "put", key: FORMAT_KEY, value }], () => undefined);
}

function readFormat(backend: Backend): unknown {
  const end = Uint8Array.from([...FORMAT_KEY, 0]);
  for (const { value } of backend.entries(FORMAT_KEY, end)) return decodeJson(value, "format");
  return undefined;
}
