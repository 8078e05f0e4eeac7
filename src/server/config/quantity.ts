import type { NumberRow, Unit } from "../../options/row.js";

const KIB = 1024;
const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** How far a fraction may be off because it is binary. */
const ROUNDING = 1e-6;

/** What may stand behind a number, the smallest first, and how much of the option's own unit it is. */
const UNITS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  bytes: { B: 1, KiB: KIB, MiB: KIB ** 2, GiB: KIB ** 3 },
  ms: {
    ms: 1,
    s: SECOND_MS,
    min: MINUTE_S * SECOND_MS,
    h: HOUR_S * SECOND_MS,
    days: DAY_S * SECOND_MS,
  },
  s: { s: 1, min: MINUTE_S, h: HOUR_S, days: DAY_S },
  count: {},
  number: {},
};

/** The words that may stand behind a number of this unit; none: it is written alone. */
export function unitsOf(unit: Unit): readonly string[] {
  return Object.keys(UNITS[unit]);
}

/** What a number is written like, as a pattern for editors. */
export function patternOf(unit: Unit): string {
  const words = unitsOf(unit);
  return words.length === 0 ? "^[0-9]+$" : `^[0-9]+(\\.[0-9]+)?( ?(${words.join("|")}))?$`;
}

/**
 * The number that a text stands for: `1048576`, `1 MiB`, `1.5min`.
 *
 * @returns in the unit of the row; NaN for what is no whole number of it, or has another unit.
 */
export function numberFrom({ unit }: NumberRow, text: string): number {
  if (!new RegExp(patternOf(unit)).test(text)) return Number.NaN;
  const [, amount, word = ""] = /^([0-9.]+) ?(.*)$/.exec(text) ?? [];
  if (word === "" && !/^\d+$/.test(text)) return Number.NaN;
  const value = Number(amount) * (word === "" ? 1 : (UNITS[unit][word] ?? Number.NaN));
  const whole = Math.round(value);
  const isWhole = Number.isSafeInteger(whole) && Math.abs(value - whole) < ROUNDING; // 1.1 s is 1100 ms
  return isWhole ? whole : Number.NaN;
}

/** A number as a person writes it: with the largest unit of which it is a whole multiple. */
export function quantityText(value: number, unit: Unit): string {
  const units = Object.entries(UNITS[unit]).reverse();
  const [word, size] = units.find(([, one]) => value >= one && value % one === 0) ?? ["", 1];
  return size === 1 ? `${value}` : `${value / size} ${word}`;
}
