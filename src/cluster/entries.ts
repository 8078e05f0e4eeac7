/** A little over 300 lines: each kind of entry, and how it is written and read, one beside the other. */
import { FieldReader, FieldWriter, MalformedError } from "./byte-fields.js";

/** Of what is written into the order log. A node that finds another version does not understand it. */
const ENTRIES_VERSION = 1;

/** Kinds of entries. Those from 128 on must be understood: a node that does not know one stops. */
export const EntryKind = {
  /** I am alive: nothing else. What was written before it has been read by whoever reads it back. */
  BEAT: 1,
  /** I am about to go: nobody connects to me any more, and nothing more is to be given to me. */
  LEAVING: 2,
  /** I stand in for that member, which has gone silent; or I cannot. Nothing of what is held depends on it. */
  ADOPT: 3,
  /** I am a member from here on, and know nothing yet. */
  JOIN: 128,
  /** I go, and serve nobody any more. */
  LEAVE: 129,
  /** That member has gone silent. Holds only if nothing of it came meanwhile. */
  DOWN: 130,
  /** A Client wants to connect to me. */
  CLAIM: 131,
  /** That Client has no Session with me any more. */
  RELEASE: 132,
  /** Somebody here subscribes to that. */
  WANT: 133,
  UNWANT: 134,
  /** For a member that has just joined: what I held, waited for and wanted at that moment. */
  PART: 135,
  /** For a member that has just joined: what another one wants by inheritance. Every member says so. */
  HEIR: 136,
  /** I have gone through what I have inherited: what is left of it is mine like anything else. */
  KEPT: 137,
  /** I have all that is kept of a Client, which its holder has sent me: from here on it is mine. */
  HOMED: 140,
  /** I do not want that Client any more: its holder keeps what it has of it. */
  WITHDRAW: 141,
  /** That member is to have a Client of mine, though nobody has connected there. */
  GIVE: 142,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** Which node has asked for a Client Identifier, for which user, by which entry. */
export interface ToldClaim {
  readonly node: string;
  readonly username: string | undefined;
  readonly sequence: number;
}

/** Who holds a Client Identifier; perhaps who waits for it. */
export interface HeldId {
  readonly clientId: string;
  readonly holder: ToldClaim;
  readonly claimant: ToldClaim | undefined;
  /** {@link Hold.isInherited} Default false. */
  readonly isInherited?: boolean;
}

/** What one node says to all. */
export type Entry =
  | { readonly kind: typeof EntryKind.LEAVE | typeof EntryKind.LEAVING | typeof EntryKind.KEPT }
  | {
      readonly kind: typeof EntryKind.BEAT | typeof EntryKind.JOIN;
      readonly name: string;
      /** Its Sessions outlive it. Default false. */
      readonly keeps?: boolean;
      /** It is there only to give away what the one before of that name had. Default false. */
      readonly standsIn?: boolean;
      /** `Member.knowsOnce` Default false: it is older. */
      readonly knowsOnce?: boolean;
    }
  | {
      readonly kind: typeof EntryKind.ADOPT;
      readonly node: string;
      /** The last entry of it that the writer has read. */
      readonly sequence: number;
      /** The writer has tried, and could not. */
      readonly isGivenUp: boolean;
    }
  | {
      readonly kind: typeof EntryKind.DOWN;
      readonly node: string;
      /** The last entry of it that the writer has read. */
      readonly sequence: number;
    }
  | {
      readonly kind: typeof EntryKind.CLAIM;
      readonly clientId: string;
      readonly username: string | undefined;
      /** Only the same user may take it over. */
      readonly isSameUserOnly: boolean;
      /** It is about a Session without a connection: nobody is to make room for it. */
      readonly isIfFree: boolean;
      /** Its Client begins anew: nothing of a former Session is to be kept. Default false. */
      readonly isClean?: boolean;
    }
  | {
      readonly kind: typeof EntryKind.RELEASE | typeof EntryKind.HOMED;
      readonly clientId: string;
      /** Of the CLAIM that it was held by. */
      readonly sequence: number;
    }
  | { readonly kind: typeof EntryKind.WITHDRAW; readonly clientId: string }
  | {
      readonly kind: typeof EntryKind.GIVE;
      readonly clientId: string;
      /** To whom. */
      readonly node: string;
    }
  | {
      readonly kind: typeof EntryKind.WANT | typeof EntryKind.UNWANT;
      readonly topicFilter: string;
    }
  | {
      readonly kind: typeof EntryKind.PART;
      /** For whom. */
      readonly node: string;
      /** Nothing more of this node follows for it. */
      readonly isLast: boolean;
      /** Its Sessions outlive it. Default false. */
      readonly keeps?: boolean;
      /** `Member.knowsOnce` Default false: it is older. */
      readonly knowsOnce?: boolean;
      readonly held: readonly HeldId[];
      readonly wanted: readonly string[];
    }
  | {
      readonly kind: typeof EntryKind.HEIR;
      /** For whom. */
      readonly node: string;
      /** Who wants it. */
      readonly heir: string;
      readonly wanted: readonly string[];
    };

/** Everything that a node has appended at once. */
export interface Append {
  /** 16 hexadecimal digits: of one start of one process. */
  readonly node: string;
  /** Counts up from 1: a copy of an append has the number of the first. */
  readonly number: number;
  readonly entries: readonly Entry[];
}

/** "BLO" */
const MARK = 0x42_4c_4f;
const NODE_BYTES = 8;
const FLAG_USERNAME = 1;
const FLAG_SAME_USER = 2;
const FLAG_CLAIMANT = 4;
const FLAG_IF_FREE = 8;
const FLAG_CLEAN = 16;
const FLAG_INHERITED = 32;
/** Of a part. */
const FLAG_LAST = 1;
const FLAG_KEEPS = 2;
/** Of a BEAT and a JOIN. */
const FLAG_STANDS_IN = 4;
/** Of all these. */
const FLAG_KNOWS_ONCE = 8;
/** Of an ADOPT. */
const FLAG_GIVEN_UP = 1;

/** `mark u24, version u8 | node 8 bytes | number u32`, then entries: `kind u8 | length u32 | fields`. */
export function encodeAppend(
  node: string,
  number: number,
  entries: readonly Uint8Array[],
): Uint8Array {
  const writer = new FieldWriter().mark(MARK, ENTRIES_VERSION);
  writeNode(writer, node).u32(number);
  for (const entry of entries) writer.raw(entry);
  return writer.bytes;
}

/** One entry. */
export function encodeEntry(entry: Entry): Uint8Array {
  const fields = fieldsOf(entry).bytes;
  return new FieldWriter().u8(entry.kind).u32(fields.length).raw(fields).bytes;
}

/** @throws ForeignError for what is none of ours, MalformedError for what cannot be read or needs a newer version. */
export function decodeAppend(bytes: Uint8Array): Append {
  const reader = new FieldReader(bytes);
  reader.mark(MARK, ENTRIES_VERSION);
  const node = readNode(reader);
  const number = reader.u32();
  const entries: Entry[] = [];
  while (!reader.isAtEnd) {
    const kind = reader.u8();
    const fields = new FieldReader(reader.raw(reader.u32()));
    const entry = readEntry(kind, fields);
    if (entry !== undefined) entries.push(entry);
  }
  return { node, number, entries };
}

function fieldsOf(entry: Entry): FieldWriter {
  const writer = new FieldWriter();
  switch (entry.kind) {
    case EntryKind.LEAVE:
    case EntryKind.KEPT:
    case EntryKind.LEAVING:
      return writer;
    case EntryKind.BEAT:
    case EntryKind.JOIN:
      return writer
        .text(entry.name)
        .u8(memberFlags(entry) | (entry.standsIn === true ? FLAG_STANDS_IN : 0));
    case EntryKind.ADOPT:
      return writeNode(writer, entry.node)
        .u64(entry.sequence)
        .u8(entry.isGivenUp ? FLAG_GIVEN_UP : 0);
    case EntryKind.DOWN:
      return writeNode(writer, entry.node).u64(entry.sequence);
    case EntryKind.CLAIM: {
      const sameUser = entry.isSameUserOnly ? FLAG_SAME_USER : 0;
      const ifFree = entry.isIfFree ? FLAG_IF_FREE : 0;
      const clean = entry.isClean === true ? FLAG_CLEAN : 0;
      return writeUser(writer.text(entry.clientId), entry.username, sameUser | ifFree | clean);
    }
    case EntryKind.WITHDRAW:
      return writer.text(entry.clientId);
    case EntryKind.GIVE:
      return writeNode(writer, entry.node).text(entry.clientId);
    case EntryKind.RELEASE:
    case EntryKind.HOMED:
      return writer.text(entry.clientId).u64(entry.sequence);
    case EntryKind.WANT:
    case EntryKind.UNWANT:
      return writer.text(entry.topicFilter);
    case EntryKind.PART:
      writeNode(writer, entry.node)
        .u8((entry.isLast ? FLAG_LAST : 0) | memberFlags(entry))
        .u32(entry.held.length);
      for (const held of entry.held) writeHeld(writer, held);
      return writeTexts(writer, entry.wanted);
    case EntryKind.HEIR:
      return writeTexts(writeNode(writeNode(writer, entry.node), entry.heir), entry.wanted);
  }
}

interface MemberFlags {
  readonly keeps?: boolean;
  readonly knowsOnce?: boolean;
}

function memberFlags({ keeps = false, knowsOnce = false }: MemberFlags): number {
  return (keeps ? FLAG_KEEPS : 0) | (knowsOnce ? FLAG_KNOWS_ONCE : 0);
}

function writeTexts(writer: FieldWriter, texts: readonly string[]): FieldWriter {
  for (const text of texts) writer.text(text);
  return writer;
}

function readEntry(kind: number, fields: FieldReader): Entry | undefined {
  switch (kind) {
    case EntryKind.LEAVE:
    case EntryKind.KEPT:
    case EntryKind.LEAVING:
      return { kind };
    case EntryKind.BEAT:
    case EntryKind.JOIN:
      return { kind, name: fields.text(), ...readMemberFlags(fields.isAtEnd ? 0 : fields.u8()) };
    case EntryKind.ADOPT: {
      const node = readNode(fields);
      const sequence = fields.u64();
      return { kind, node, sequence, isGivenUp: (fields.u8() & FLAG_GIVEN_UP) !== 0 };
    }
    case EntryKind.DOWN:
      return { kind, node: readNode(fields), sequence: fields.u64() };
    case EntryKind.CLAIM: {
      const clientId = fields.text();
      const { flags, username } = readUser(fields);
      const isSameUserOnly = (flags & FLAG_SAME_USER) !== 0;
      const isIfFree = (flags & FLAG_IF_FREE) !== 0;
      const isClean = (flags & FLAG_CLEAN) !== 0;
      return { kind, clientId, username, isSameUserOnly, isIfFree, ...(isClean && { isClean }) };
    }
    case EntryKind.WITHDRAW:
      return { kind, clientId: fields.text() };
    case EntryKind.GIVE:
      return { kind, node: readNode(fields), clientId: fields.text() };
    case EntryKind.RELEASE:
    case EntryKind.HOMED:
      return { kind, clientId: fields.text(), sequence: fields.u64() };
    case EntryKind.WANT:
    case EntryKind.UNWANT:
      return { kind, topicFilter: fields.text() };
    case EntryKind.PART:
      return readPart(fields);
    case EntryKind.HEIR:
      return { kind, node: readNode(fields), heir: readNode(fields), wanted: readTexts(fields) };
    default:
      if (kind < EntryKind.JOIN) return undefined; // of a newer version, and not for us
      throw new MalformedError(`it has an entry of the unknown kind ${kind}`);
  }
}

function readPart(fields: FieldReader): Entry {
  const node = readNode(fields);
  const flags = fields.u8();
  const isLast = (flags & FLAG_LAST) !== 0;
  const held: HeldId[] = [];
  for (let left = fields.u32(); left > 0; left -= 1) held.push(readHeld(fields));
  const wanted = readTexts(fields);
  return { kind: EntryKind.PART, node, isLast, ...readKeeps(flags), held, wanted };
}

function readKeeps(flags: number): MemberFlags {
  const keeps = (flags & FLAG_KEEPS) === 0 ? {} : { keeps: true };
  return (flags & FLAG_KNOWS_ONCE) === 0 ? keeps : { ...keeps, knowsOnce: true };
}

function readMemberFlags(flags: number): MemberFlags & { readonly standsIn?: boolean } {
  const standsIn = (flags & FLAG_STANDS_IN) === 0 ? {} : { standsIn: true };
  return { ...readKeeps(flags), ...standsIn };
}

function readTexts(fields: FieldReader): string[] {
  const texts: string[] = [];
  while (!fields.isAtEnd) texts.push(fields.text());
  return texts;
}

function writeHeld(writer: FieldWriter, { clientId, holder, claimant, isInherited }: HeldId): void {
  const flags = claimant === undefined ? 0 : FLAG_CLAIMANT;
  writeClaim(writer.text(clientId), holder, flags | (isInherited === true ? FLAG_INHERITED : 0));
  if (claimant !== undefined) writeClaim(writer, claimant, 0);
}

function readHeld(fields: FieldReader): HeldId {
  const clientId = fields.text();
  const { flags, ...holder } = readClaim(fields);
  const inherited = (flags & FLAG_INHERITED) === 0 ? {} : { isInherited: true };
  if ((flags & FLAG_CLAIMANT) === 0) {
    return { clientId, holder, claimant: undefined, ...inherited };
  }
  const { flags: _none, ...claimant } = readClaim(fields);
  return { clientId, holder, claimant, ...inherited };
}

function writeClaim(writer: FieldWriter, claim: ToldClaim, flags: number): void {
  writeUser(writeNode(writer, claim.node).u64(claim.sequence), claim.username, flags);
}

function readClaim(fields: FieldReader): ToldClaim & { readonly flags: number } {
  const node = readNode(fields);
  const sequence = fields.u64();
  return { node, sequence, ...readUser(fields) };
}

function writeUser(writer: FieldWriter, username: string | undefined, flags: number): FieldWriter {
  if (username === undefined) return writer.u8(flags);
  return writer.u8(flags | FLAG_USERNAME).text(username);
}

function readUser(fields: FieldReader): { flags: number; username: string | undefined } {
  const flags = fields.u8();
  return { flags, username: (flags & FLAG_USERNAME) === 0 ? undefined : fields.text() };
}

/** The name of a node: 16 hexadecimal digits in eight bytes. */
export function writeNode(writer: FieldWriter, node: string): FieldWriter {
  for (let at = 0; at < NODE_BYTES; at += 1) {
    writer.u8(Number.parseInt(node.substring(2 * at, 2 * at + 2), 16));
  }
  return writer;
}

export function readNode(fields: FieldReader): string {
  let node = "";
  for (let left = NODE_BYTES; left > 0; left -= 1) node += HEX[fields.u8()];
  return node;
}

/** Two digits for each byte: every message between nodes begins with the name of one. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
