import type { Directive, ValueKind } from "./directives.js";

const SECONDS: Readonly<Record<string, number>> = {
  h: 3_600,
  d: 86_400,
  w: 7 * 86_400,
  m: 30 * 86_400,
  y: 365 * 86_400,
};

/** What a setting may be once it was read. Ages are in seconds. */
export type Value = boolean | number | string;

/** A value, or what is wrong with it. */
export type ReadValue = { readonly value: Value } | { readonly expected: string };

/** Reads what stands behind the name of a directive, as Mosquitto does. */
export function readValue(rest: string, directive: Directive): ReadValue {
  const { kind, words } = directive;
  const [word = ""] = rest.trim().split(/ +/);
  if (word === "") return { expected: EXPECTED[kind] };
  switch (kind) {
    case "text":
      return { value: rest.trim() };
    case "bool":
      if (word === "true" || word === "1") return { value: true };
      return word === "false" || word === "0" ? { value: false } : { expected: EXPECTED.bool };
    case "word":
    case "words":
      return words?.includes(word) === false ? { expected: words.join(", ") } : { value: word };
    case "age":
      return ageFrom(word);
    case "int":
      return numberFrom(word, directive);
  }
}

const EXPECTED: Readonly<Record<ValueKind, string>> = {
  bool: "true or false",
  int: "a number",
  text: "a text",
  word: "a word",
  words: "a word",
  age: "a number and one of h, d, w, m, y",
};

function numberFrom(word: string, { least, most }: Directive): ReadValue {
  const value = Number.parseInt(word, 10) || 0; // as atoi: what is no number is 0
  if (value >= (least ?? -Infinity) && value <= (most ?? Infinity)) return { value };
  return { expected: boundsText(least, most) };
}

function ageFrom(word: string): ReadValue {
  const seconds = (Number.parseInt(word, 10) || 0) * (SECONDS[word.slice(-1)] ?? 0);
  return seconds > 0 ? { value: seconds } : { expected: EXPECTED.age };
}

function boundsText(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return `a number up to ${most}`;
  return most === undefined ? `a number from ${least} on` : `a number from ${least} to ${most}`;
}
