import { UsageError } from "./errors.js";
import { cut, unknownKey } from "./unknown-key.js";

/**
 * What our caller passes is looked over here, so that every public entry complains alike: with the
 * path of the key, its value and what is allowed; a key that does not exist with the nearest one.
 */

/** @throws {@link UsageError} when `value` may not stand at `path`. */
export type Check = (value: unknown, path: string) => void;

/** A check for every key of an options object; none may be left out, and no other exists. */
export type Shape<T> = { readonly [K in keyof Required<T>]: Check };

/** The same without the type it belongs to. */
type AnyShape = Readonly<Record<string, Check>>;

/** A value passes when `test` says so; `allowed` ends the sentence "x is y; allowed: ...". */
export function check(allowed: string, test: (value: unknown) => boolean): Check {
  return (value, path) => {
    if (!test(value)) throw new UsageError(`${path} is ${shown(value)}; allowed: ${allowed}`);
  };
}

export const isBoolean = check("true or false", (value) => typeof value === "boolean");
export const isString = check("a string", (value) => typeof value === "string");
export const isFunction = check("a function", (value) => typeof value === "function");
export const isObject = check(
  "an object",
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
export const isQos = check("0, 1 or 2", (value) => value === 0 || value === 1 || value === 2);
export const isTextOrBytes = check(
  "a string or a Uint8Array",
  (value) => typeof value === "string" || value instanceof Uint8Array,
);

/** A whole number from `least` to `most`. */
export function isWhole(least: number, most: number): Check {
  return check(
    `whole numbers from ${least} to ${most}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  );
}

/** One of a few words. */
export function isOneOf(words: readonly unknown[]): Check {
  return check(words.join(", "), (value) => words.includes(value));
}

/** A list whose items each pass; `allowed` says what is taken, where a list is not all. */
export function isListOf(item: Check, allowed = "a list"): Check {
  const isList = check(allowed, Array.isArray);
  return (value, path) => {
    isList(value, path);
    // Not `forEach`: that steps over holes.
    const items = Array.from(value as readonly unknown[]); // a list: checked above
    for (const [index, one] of items.entries()) item(one, `${path}[${index}]`);
  };
}

/** Must be given. Every other key may be left out, which `undefined` means as well. */
export function required(rule: Check): Check {
  return Object.assign((value: unknown, path: string) => rule(value, path), { isRequired: true });
}

/** An object with keys of a shape and no others. */
export function hasShape(shape: AnyShape): Check {
  const allowed = `an object with ${Object.keys(shape).join(", ")}`;
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UsageError(`${path} is ${shown(value)}; allowed: ${allowed}`);
    }
    checkKeys(value, shape, `${path}.`);
  };
}

/**
 * Checks the argument of a public call: its keys stand in messages by themselves, without a path.
 *
 * @param name - What the argument is called when it is no object at all.
 * @throws {@link UsageError} naming what is wrong, and what is allowed.
 */
export function checkArgument<T extends object>(value: T, shape: Shape<T>, name: string): void {
  const given: unknown = value; // whatever a program without types passes
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const keys = Object.keys(shape).join(", ");
    throw new UsageError(`${name} is ${shown(given)}; allowed: an object with ${keys}`);
  }
  checkKeys(given, shape as AnyShape, "");
}

function checkKeys(given: object, shape: AnyShape, prefix: string): void {
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(shape, key)) throw unknownKey(key, Object.keys(shape), prefix);
  }
  for (const key of Object.keys(shape)) {
    const value = (given as Readonly<Record<string, unknown>>)[key]; // a key of the shape
    const rule = shape[key] as Check; // one of its keys
    if (value !== undefined || "isRequired" in rule) rule(value, `${prefix}${key}`);
  }
}

/** A value as a message shows it: short, and whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  return cut(jsonOf(value) ?? String(value));
}

/** `undefined` where JSON has nothing for it. */
function jsonOf(value: unknown): string | undefined {
  if (typeof value === "number") return undefined; // NaN and infinities would be null
  try {
    return classOf(value) ?? JSON.stringify(value);
  } catch {
    return "an object"; // a circle, or with something in it that cannot be shown
  }
}

/** A socket or a Buffer is not spelt out. */
function classOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { constructor: made } = value;
  if (typeof made !== "function" || made.name === "Object") return undefined;
  return `an instance of ${made.name}`;
}
