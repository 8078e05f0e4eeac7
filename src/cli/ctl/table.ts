import { visible } from "../../log/escape.js";

/** A cell; `undefined`: there is nothing. */
export type Cell = string | number | boolean | undefined;

/**
 * Rows under their headings, each column as wide as what is in it. Texts that clients have chosen can
 * do nothing to a terminal: they are escaped.
 */
export function tableText(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(cellText))];
  const widths = headings.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What is known of one thing, a line each. */
export function listText(entries: readonly (readonly [name: string, value: Cell])[]): string {
  const known = entries.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`).join("\n");
}

/** A time in ms since 1970, for people. */
export function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function cellText(cell: Cell): string {
  if (cell === undefined) return "-";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return visible(String(cell));
}
