import type { Operation } from "../store/backend.js";

/** What an entry of the log is. */
export const EntryKind = {
  /** Another run begins to write: what one before it appends later is refused. */
  EPOCH: 1,
  /** One commit, or a part of it. */
  COMMIT: 2,
  /** From here on everything is copied behind the commits, range by range. */
  COPY_BEGIN: 3,
  /** All that stands in one range of keys at this place of the log: puts, as in a commit. */
  COPY: 4,
  /** Everything was copied: what stands before the begin of the copy is not needed any more. */
  COPY_END: 5,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** `mark u24, version u8 | kind u8 | flags u8 | part u16 | run 8 bytes | number u48`, then the body. */
export const HEADER_BYTES = 22;
/** "BLH" */
const MARK = 0x42_4c_48;
export const LOG_VERSION = 1;
/** The last part of what it is a part of. */
const FLAG_LAST = 1;
/** Of an epoch: the Store was empty, so that the log has all that there ever was. */
const FLAG_FRESH = 2;
const U32 = 0x1_0000_0000;

/** One entry, or a part of one that is too long for one. */
export interface LogEntry {
  readonly kind: EntryKind;
  readonly isLast: boolean;
  readonly isFresh: boolean;
  readonly part: number;
  /** Which run has written it: 16 hexadecimal digits. */
  readonly run: string;
  /** Counts the entries of a run, their parts being one. */
  readonly number: number;
  /** A view. */
  readonly body: Uint8Array;
}

/** It is no entry of ours, or of a version that this one cannot read. */
export class LogEntryError extends Error {
  override readonly name = "LogEntryError";
}

/** What all parts of an entry have in common. */
export interface EntryHead {
  readonly kind: EntryKind;
  readonly isFresh?: boolean;
  readonly run: string;
  readonly number: number;
}

/** An entry as the log takes it: one part, or as many as its body needs. */
export function encodeEntry(head: EntryHead, body: Uint8Array, bytesMax: number): Uint8Array[] {
  const room = bytesMax - HEADER_BYTES;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length || at === 0; at += room) {
    const piece = body.subarray(at, at + room);
    const bytes = new Uint8Array(HEADER_BYTES + piece.length);
    writeHead(bytes, head, parts.length, at + room >= body.length);
    bytes.set(piece, HEADER_BYTES);
    parts.push(bytes);
  }
  return parts;
}

function writeHead(bytes: Uint8Array, head: EntryHead, part: number, isLast: boolean): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK * 0x100 + LOG_VERSION);
  view.setUint8(4, head.kind);
  view.setUint8(5, (isLast ? FLAG_LAST : 0) | (head.isFresh === true ? FLAG_FRESH : 0));
  view.setUint16(6, part);
  view.setUint32(8, Number.parseInt(head.run.slice(0, 8), 16));
  view.setUint32(12, Number.parseInt(head.run.slice(8), 16));
  view.setUint16(16, Math.floor(head.number / U32));
  view.setUint32(18, head.number % U32);
}

/** @throws {@link LogEntryError} for what is none of ours. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEADER_BYTES || view.getUint32(0) >>> 8 !== MARK) {
    throw new LogEntryError("it does not begin like anything of ours");
  }
  const version = view.getUint8(3);
  if (version !== LOG_VERSION) {
    throw new LogEntryError(`it has version ${version}, this program reads ${LOG_VERSION}`);
  }
  const kind = view.getUint8(4);
  if (!isKind(kind)) throw new LogEntryError(`its kind ${kind} is not known`);
  const flags = view.getUint8(5);
  return {
    kind,
    isLast: (flags & FLAG_LAST) !== 0,
    isFresh: (flags & FLAG_FRESH) !== 0,
    part: view.getUint16(6),
    run: hex(view.getUint32(8)) + hex(view.getUint32(12)),
    number: view.getUint16(16) * U32 + view.getUint32(18),
    body: bytes.subarray(HEADER_BYTES),
  };
}

function isKind(kind: number): kind is EntryKind {
  return kind >= EntryKind.EPOCH && kind <= EntryKind.COPY_END;
}

function hex(number: number): string {
  return number.toString(16).padStart(8, "0");
}

const PUT = 1;
const DELETE = 2;
const DELETE_RANGE = 3;
/** `kind u8 | key u16, length of the value or of the second key u32`, then both. */
const OPERATION_BYTES = 7;

/** The operations of a commit, one after the other. */
export function encodeOperations(operations: readonly Operation[]): Uint8Array {
  let length = 0;
  for (const operation of operations) {
    length += OPERATION_BYTES + firstOf(operation).length + secondOf(operation).length;
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const operation of operations) {
    const first = firstOf(operation);
    const second = secondOf(operation);
    view.setUint8(at, NUMBERS[operation.kind]);
    view.setUint16(at + 1, first.length);
    view.setUint32(at + 3, second.length);
    at += OPERATION_BYTES;
    bytes.set(first, at);
    bytes.set(second, at + first.length);
    at += first.length + second.length;
  }
  return bytes;
}

/**
 * The same operations, as views.
 *
 * @throws {@link LogEntryError}
 */
export function decodeOperations(bytes: Uint8Array): Operation[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const operations: Operation[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + OPERATION_BYTES > bytes.length) throw endsTooEarly();
    const kind = view.getUint8(at);
    const firstAt = at + OPERATION_BYTES;
    const secondAt = firstAt + view.getUint16(at + 1);
    const end = secondAt + view.getUint32(at + 3);
    if (end > bytes.length) throw endsTooEarly();
    const first = bytes.subarray(firstAt, secondAt);
    operations.push(operationOf(kind, first, bytes.subarray(secondAt, end)));
    at = end;
  }
  return operations;
}

const NUMBERS = { put: PUT, delete: DELETE, "delete-range": DELETE_RANGE } as const;
const NOTHING = new Uint8Array(0);

function firstOf(operation: Operation): Uint8Array {
  return operation.kind === "delete-range" ? operation.from : operation.key;
}

function secondOf(operation: Operation): Uint8Array {
  if (operation.kind === "put") return operation.value;
  return operation.kind === "delete-range" ? operation.to : NOTHING;
}

function operationOf(kind: number, first: Uint8Array, second: Uint8Array): Operation {
  if (kind === PUT) return { kind: "put", key: first, value: second };
  if (kind === DELETE) return { kind: "delete", key: first };
  if (kind === DELETE_RANGE) return { kind: "delete-range", from: first, to: second };
  throw new LogEntryError(`it has an operation of kind ${kind}, which is not known`);
}

function endsTooEarly(): LogEntryError {
  return new LogEntryError("it ends in the middle of an operation");
}
