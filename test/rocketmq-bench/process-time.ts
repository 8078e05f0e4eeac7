import { readFileSync } from "node:fs";

/** `/proc` counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** Places of the two times behind the name, which may hold blanks. */
const USER_AT = 11;
const SYSTEM_AT = 12;

/** What a process has taken of a core since its start, in seconds. On Linux only. */
export function processSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_AT]) + Number(fields[SYSTEM_AT])) / TICKS_PER_SECOND;
}
