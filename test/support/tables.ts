import { readFileSync } from "node:fs";

/** One cell of a table in spec-notes/state-machines.md. */
export interface Cell {
  readonly state: string;
  readonly event: string;
  /** State after; `undefined` where the event cannot happen. */
  readonly next: string | undefined;
  /** What is sent, in order. */
  readonly sent: readonly string[];
}

/** The cells of the table under a heading, row by row. */
export function tableOf(heading: string): Cell[] {
  const file = new URL("../../spec-notes/state-machines.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const [columns, , ...rows] = (section ?? "").split("\n").filter((line) => line.startsWith("|"));
  if (columns === undefined || rows.length === 0) throw new Error(`no table under ${heading}`);
  const events = cellsOf(columns).slice(1);
  return rows.flatMap((row) => {
    const [state = "", ...cells] = cellsOf(row);
    return cells.map((cell, at) => cellOf(state, events[at] ?? "", cell));
  });
}

/** What a table says; an event it does not know, or that cannot happen, throws. */
export function lookUp(cells: readonly Cell[], state: string, event: string): Cell {
  const found = cells.find((cell) => cell.state === state && cell.event === event);
  if (found?.next === undefined) throw new Error(`the table has no ${event} in ${state}`);
  return found;
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function cellOf(state: string, event: string, cell: string): Cell {
  if (cell === "-") return { state, event, next: undefined, sent: [] };
  const [next = "", sent] = cell.split("; ");
  return { state, event, next, sent: sent === undefined ? [] : sent.split(", ") };
}
