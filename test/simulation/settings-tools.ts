import { allowedFor, checkFor, isAllowed } from "../../src/options/check.js";
import { isMasked, MASK, withoutKeys } from "../../src/options/mask.js";
import {
  choice,
  frozen,
  group,
  isSimple,
  items,
  list,
  onOff,
  type Row,
  required,
  text,
  union,
  wholeNumber,
} from "../../src/options/row.js";
import { UsageError } from "../../src/protocol/errors.js";
import { isQos, isTextOrBytes, isWhole } from "../../src/protocol/usage.js";
import type { Random } from "../codec-fuzz/random.js";

const about = "What it does.";
const path = {
  holds: "path",
  allowed: "paths that start with /",
  isAllowed: (value: string) => value.startsWith("/"),
};
const plain = text({ about, default: undefined, ...path });
const url = text({ about, default: undefined, ...path, isUrl: true, isAllowed: () => true });
const secret = text({ about, default: undefined, ...path, secret: true });
const inner = { where: required(plain), on: onOff({ about, default: false }) };

/** An option of every kind, with what it may be and what it may not. */
interface Sample {
  readonly row: Row;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const KINDS = union({
  about,
  tag: "type",
  variants: { one: { about, rows: inner }, two: { about, rows: frozen({ on: inner.on }) } },
});
const SAMPLES: readonly Sample[] = [
  {
    row: wholeNumber({ about, unit: "bytes", default: 7, least: 2, most: 9 }),
    good: [2, 9],
    bad: [1, 10, 2.5, "5", null],
  },
  { row: wholeNumber({ about, unit: "count", default: 1 }), good: [1], bad: [0, 10n] },
  { row: choice({ about, values: ["sync", "fast"], default: "sync" }), good: ["fast"], bad: ["s"] },
  { row: inner.on, good: [true, false], bad: ["true", 1] },
  { row: plain, good: ["/a"], bad: ["a", 5] },
  { row: url, good: ["http://user:KEY@host/a?key=KEY#KEY"], bad: [5] },
  { row: secret, good: ["/KEY"], bad: ["KEY", 5] },
  { row: list({ about, default: [], ...path }), good: [[], ["/a"]], bad: ["/a", ["b"], [1]] },
  {
    row: group({ about, rows: inner }),
    good: [{ where: "/a" }, { where: "/a", on: true }],
    bad: [{}, [], { where: "a" }, { where: "/a", no: 1 }],
  },
  {
    row: KINDS,
    good: [{ type: "one", where: "/a" }, { type: "two" }],
    bad: [{ type: "three" }, { type: "two", where: "/a" }, {}, 5],
  },
  { row: items({ about, of: KINDS }), good: [[], [{ type: "two" }]], bad: [{}, [{ type: "a" }]] },
];
frozen(Object.fromEntries(SAMPLES.map(({ row }, at) => [`row${at}`, row])));

/** Whoever configures a server: what is allowed passes, all else is refused in words, and no secret is told. */
export function configure(dice: Random): string | undefined {
  const { row, good, bad } = dice.pick(SAMPLES);
  const isGood = dice.oneIn(2);
  const value = dice.pick(isGood ? good : bad);
  const complaint = complaintOf(() => checkFor(row)(value, "x"));
  if (isAllowed(row, value) !== isGood || (complaint === "") !== isGood) {
    return `[13] an option of kind ${row.kind}: ${JSON.stringify(complaint)}`;
  }
  if (!isGood && !complaint.includes("allowed: ")) return `[13] nobody can tell why: ${complaint}`;
  if (allowedFor(row) === "") return `[13] nothing is said of what a ${row.kind} may be`;
  if (row.secret && complaint.includes("KEY")) return `[13] a secret is told: ${complaint}`;
  const isComposed = "rows" in row || "variants" in row || "of" in row;
  if (isSimple(row) === isComposed) return `[13] a ${row.kind} is simple`;
  return keepSecret(row, value);
}

/** What is shown has no key in it, and is not taken for a value when it comes back. */
function keepSecret(row: Row, value: unknown): string | undefined {
  const isUrl = row === url;
  const shown = withoutKeys(row, value);
  if (isUrl && String(shown).includes("KEY")) return `[13] a key is told: ${shown}`;
  const isCopied = isMasked(row, isUrl && value !== 5 ? shown : MASK);
  const isWrong = isCopied !== (row.secret || isUrl);
  return isWrong ? `[13] what was shown of a ${row.kind} is taken for a value` : undefined;
}

const NUMBERS = [-1, 0, 1, 2, 3, 1.5, "1", null];

/** The checks for what programs pass to the library. */
export function passArguments(dice: Random): string | undefined {
  const number = dice.pick(NUMBERS);
  const isLevel = number === 0 || number === 1 || number === 2;
  if ((complaintOf(() => isQos(number, "qos")) === "") !== isLevel) return `[13] QoS ${number}`;
  const isSmall = number === 1 || number === 2;
  if ((complaintOf(() => isWhole(1, 2)(number, "n")) === "") !== isSmall) return `[13] ${number}`;
  const value = dice.pick(["a", new Uint8Array(1), 5, [1]]);
  const isPayload = typeof value === "string" || value instanceof Uint8Array;
  const isTaken = complaintOf(() => isTextOrBytes(value, "payload")) === "";
  return isTaken === isPayload ? undefined : `[13] a payload ${value}`;
}

/** What a check says; "": nothing. */
function complaintOf(checking: () => void): string {
  try {
    checking();
    return "";
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}
