import type { LogLine } from "./api/model.js";

/** From what somebody wants to see everything of, to what only matters. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** Lines that are kept in the page. */
const LINES_MAX = 2_000;

/** The list with lines more, newest last; the oldest are forgotten. */
export function withLines(lines: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  return more.length === 0 ? lines : [...lines, ...more].slice(-LINES_MAX);
}

/** Lines of a level or above that hold a text, whatever the case. */
export function matching(
  lines: readonly LogLine[],
  level: LogLine["level"],
  text: string,
): readonly LogLine[] {
  const least = LEVELS.indexOf(level);
  const wanted = text.toLowerCase();
  return lines.filter(
    (line) => LEVELS.indexOf(line.level) >= least && line.text.toLowerCase().includes(wanted),
  );
}
