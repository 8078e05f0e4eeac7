import { type GroupRow, group, type Row, type Rows } from "../../options/row.js";
import { nameList } from "../../protocol/name-list.js";
import { nearestTo } from "../../protocol/unknown-key.js";
import { FLAG_OPTIONS, OPTIONS } from "../option-table.js";

/** A place in a configuration: keys, and indexes of lists. */
export type Path = readonly PropertyKey[];

/** The option table as the tree of groups that a file is. */
export const ROOT: GroupRow = treeOf();

function treeOf(): GroupRow {
  const rows: Record<string, Row> = {};
  for (const { group: name, name: own, row, heading } of OPTIONS) {
    if (name === "") {
      rows[own] = row;
    } else {
      const before = rows[name];
      const others = before?.kind === "group" ? before.rows : {};
      rows[name] = group({ about: `${heading}.`, rows: { ...others, [own]: row } });
    }
  }
  return group({ about: "Configuration of a Beeline server.", rows });
}

/** `listeners[0].port`. */
export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

/** The row that says what may stand at a place; `undefined` where nothing may. */
export function rowAt(path: Path, value: unknown, from: Row = ROOT): Row | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return from;
  if (from.kind === "items") return rowAt(rest, memberOf(value, key), from.of);
  if (from.kind === "list") return from;
  const next = memberOf(rowsOf(from, value), key) as Row | undefined; // of rows, a row
  return next === undefined ? undefined : rowAt(rest, memberOf(value, key), next);
}

/** The rows that a map of this value may have; `undefined` where no map may be. */
export function rowsOf(row: Row, value: unknown): Rows | undefined {
  if (row.kind === "group") return row.rows;
  if (row.kind !== "union") return undefined;
  const tag = memberOf(value, row.tag);
  return typeof tag === "string" && Object.hasOwn(row.variants, tag)
    ? row.variants[tag]?.rows
    : undefined;
}

/** What a map or list has under a key. */
export function memberOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<PropertyKey, unknown>>)[key]; // it has it
}

/**
 * The complaint about a key that does not exist: with the one that was probably meant, from beside
 * it or, since a limit is often looked for at the top, from elsewhere.
 */
export function unknownKeyAt(path: Path, key: string, siblings: readonly string[]): string {
  const own = pathText([...path, key]);
  const ofFlag = path.length === 0 ? keyOfFlag(key) : undefined;
  if (ofFlag !== undefined) return didYouMean(own, ofFlag);
  const nearest = nearestTo(key, siblings) ?? siblings.find((name) => isBeginning(name, key));
  if (nearest !== undefined) return didYouMean(own, pathText([...path, nearest]));
  // `path` in one section says nothing about `path` in another: these two are looked for anywhere.
  const elsewhere = OPTIONS.find(
    ({ name, group }) =>
      sameWord(name, key) && (path.length === 0 || group === "" || group === "limits"),
  );
  if (elsewhere !== undefined) return didYouMean(own, elsewhere.path);
  return `unknown key ${own}; allowed here: ${nameList(siblings)}`;
}

/** The key whose flag has this name: `p2p` is `pointToPoint`, `wsPort` is `webSocket.port`. */
function keyOfFlag(key: string): string | undefined {
  const section = FLAG_OPTIONS.find(
    ({ flag, group }) => group !== "" && flag.startsWith(`--${key}-`),
  );
  const isOfAll = FLAG_OPTIONS.every(
    ({ flag, group }) => group !== section?.group || `${flag}-`.startsWith(`--${key}-`),
  );
  if (section !== undefined && isOfAll) return section.group;
  return FLAG_OPTIONS.find(({ flag }) => sameWord(flag, key))?.path;
}

function didYouMean(own: string, meant: string): string {
  return `unknown key ${own}: did you mean ${meant}?`;
}

const BEGINNING_MIN = 3;

/** Whether one name begins with the other: `cert` and Mosquitto's `certfile`. */
function isBeginning(left: string, right: string): boolean {
  const [short = "", long = ""] = [lettersOf(left), lettersOf(right)].sort(
    (one, other) => one.length - other.length,
  );
  return short.length >= BEGINNING_MIN && long.startsWith(short);
}

/** Whether two names have the same letters: `queue-messages-max` is `queueMessagesMax`. */
function sameWord(left: string, right: string): boolean {
  return lettersOf(left) === lettersOf(right);
}

function lettersOf(name: string): string {
  return name.replace(/[^a-z0-9]/gi, "").toLowerCase();
}
