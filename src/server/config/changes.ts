import type { Row } from "../../options/row.js";
import { nested, OPTIONS, type ServerOption } from "../option-table.js";
import type { Effective } from "./effective.js";
import { memberOf, rowsOf } from "./tree.js";

/** What is different in a configuration that was read again. */
export interface Changes {
  /** Paths of options that change while the server runs. */
  readonly live: readonly string[];
  /** Paths of options that keep their old value until a restart. */
  readonly restart: readonly string[];
  /** What holds from now on: the new values, but the old ones of what takes a restart. */
  readonly next: Effective;
}

/** Compares two configurations, option by option. */
export function changesBetween(before: Effective, after: Effective): Changes {
  const live: string[] = [];
  const restart: string[] = [];
  const values = new Map(after.values);
  const sources = new Map(after.sources);
  for (const option of OPTIONS) {
    const { row, path } = option;
    const old = before.values.get(option) ?? row.default;
    const fresh = after.values.get(option) ?? row.default;
    if (isSame(old, fresh)) continue;
    const list = isLive(row, old, fresh) ? live : restart;
    list.push(path);
    if (list === live) continue;
    keep(option, before.values, values);
    keep(option, before.sources, sources);
  }
  const { file } = after;
  return { live, restart, next: { values, sources, given: nested(values), file } };
}

function keep<T>(
  option: ServerOption,
  from: ReadonlyMap<ServerOption, T>,
  into: Map<ServerOption, T>,
): void {
  const old = from.get(option);
  if (old === undefined) into.delete(option);
  else into.set(option, old);
}

/** Whether everything that is different may change while the server runs. */
function isLive(row: Row, old: unknown, fresh: unknown): boolean {
  if (row.live || isSame(old, fresh)) return true;
  if (row.kind === "items") {
    if (!Array.isArray(old) || !Array.isArray(fresh) || old.length !== fresh.length) return false;
    return old.every((item, index) => isLive(row.of, item, fresh[index]));
  }
  const rows = rowsOf(row, old);
  if (rows === undefined || rows !== rowsOf(row, fresh)) return false; // of another type now
  return Object.entries(rows).every(([name, own]) =>
    isLive(own, memberOf(old, name), memberOf(fresh, name)),
  );
}

/** Values come from files and flags: what JSON can say. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
