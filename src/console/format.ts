const WHOLE = new Intl.NumberFormat("en");
const STEPS = ["", "k", "M", "G", "T"];
const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB"];
const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every digit: `12,345`. */
export function whole(count: number): string {
  return WHOLE.format(Math.round(count));
}

/** Three digits and a letter, for places without room: `12.3k`. */
export function short(count: number): string {
  return scaled(count, 1_000, STEPS).join("");
}

/** `1.5 MiB`. */
export function bytes(count: number): string {
  return scaled(count, 1_024, BYTE_STEPS).join(" ");
}

/** Steps of an axis with bytes: powers of two, so that its labels are short ones, like 2 KiB and 4 KiB. */
export const BYTE_TICKS: readonly number[] = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A time that something took: `0.42 ms`, `1.2 s`. */
export function milliseconds(ms: number): string {
  return ms < 1_000 ? `${digits(ms)} ms` : `${digits(ms / 1_000)} s`;
}

/** How long something has lasted, in its two largest units: `3 d 4 h`, `12 s`. */
export function duration(seconds: number): string {
  const left = Math.max(0, Math.round(seconds));
  if (left < MINUTE) return `${left} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min ${left % MINUTE} s`;
  if (left < DAY) return `${Math.floor(left / HOUR)} h ${Math.floor((left % HOUR) / MINUTE)} min`;
  return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
}

/** How long ago: `just now`, `12 s ago`. */
export function ago(thenMs: number, nowMs: number): string {
  const seconds = (nowMs - thenMs) / 1_000;
  return seconds < 2 ? "just now" : `${duration(seconds)} ago`;
}

/** The time of day here, to the second: `14:03:59`. */
export function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

/** One thing or several: `1 client`, `2,000 clients`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

function scaled(count: number, base: number, steps: readonly string[]): [string, string] {
  let rest = count;
  let step = 0;
  while (Math.abs(rest) >= base && step < steps.length - 1) {
    rest /= base;
    step += 1;
  }
  return [digits(rest), steps[step] ?? ""];
}

/** Three digits that mean something, and no zeros behind them. */
function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}
