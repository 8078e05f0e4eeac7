import { expect, it } from "vitest";
import { readYaml } from "../../../src/server/config/yaml.js";
import { yamlWords } from "../../../src/server/config/yaml-words.js";
import { roundsOf } from "../../support/quick.js";

const sentences = (text: string): string[] =>
  readYaml(text).errors.map(({ at, sentence }) => `${at.line}:${at.column} ${sentence}`);

it.each([
  ["a: 1\na: 2\n", "2:1 the key a is there for the second time; allowed: once"],
  ["port: 1883\nhost 127.0.0.1\n", "2:1 host is no key: a key has a colon and a space behind it"],
  ["port 1883\nhost: x\n", "1:1 this is no key: a key has a colon and a space"],
  ["port: 1883\n host: x\n", "1:7 a value stands where a key begins: keys that belong"],
  ["a: b: c\n", "1:4 a value stands where a key begins"],
  ["a:\n\tb: 2\n", "2:1 a tab stands before this: indent with spaces"],
  ["a:\n  b: 1\n c: 2\n", "3:1 this line begins in another column than its neighbours"],
  ["a: [1\n", "2:1 the [ before this has no ] at its end"],
  [
    "- { topic: # }\n",
    "2:1 the { before this has no } at its end (what stands behind a space and #",
  ],
  ["a: 'x\n", "2:1 a text that begins with ' has no ' at its end"],
  ['a: "x\n', '2:1 a text that begins with " has no " at its end'],
  ['a: ["b" "c"]\n', '1:9 there is no comma before "c"'],
  ['a: "C:\\certs"\n', "1:7 \\c means nothing between double quotes: write \\\\ for a backslash"],
  ["a: @x\n", "1:4 a text that begins with @ must be in quotes"],
  ["a: *\n", "1:4 a text that begins with * & or ! must be in quotes"],
  ["a: *x\n", "1:4 there is no &x before *x; a text that begins with * must be in quotes"],
  ["a: !mine 5\n", "1:4 !mine cannot be read: a text that begins with ! must be in quotes"],
  ["a: { b: own/${user}/# }\n", "1:14 { cannot stand here: what is before it has ended"],
  ["a: 1\n}\n", "2:1 } cannot stand here"],
  ["? [a]\n: 1\n", "1:3 a key must be a text"],
  ["%YAML 9\n---\na: 1", "1:7 a line that begins with % is no option"],
])("says of %j what to write instead, once a line", (text, sentence) => {
  const [first = "nothing is wrong", ...others] = sentences(text);
  expect(first.slice(0, sentence.length)).toBe(sentence);
  expect(new Set(others.map((other) => other.split(":")[0])).size).toBe(others.length);
});

/** The words of the library, which name the parts of its own grammar. */
const THEIRS = /flow|scalar|collection|implicit|mapping|token|stream|alias|node|indicator|anchor/i;

it("never has the words of the library, whatever is wrong", () => {
  const pieces = ["a", ":", ": ", "\n", " ", "\t", "- ", "[", "]", "{", "}", ",", '"', "'"];
  const signs = ["&", "*", "!", "|", ">", "%", "@", "`", "?", "\\", "#", "---\n"];
  const all = [...pieces, ...signs];
  const found = new Set<string>();
  for (const first of all.slice(0, roundsOf(all.length, 6)))
    for (const second of all)
      for (const third of all)
        for (const sentence of sentences(`k: 1\n${first}${second}${third}x: 1\n`))
          found.add(sentence.replace(/^\S+ /, ""));
  expect(found.size).toBeGreaterThan(20);
  expect([...found].filter((sentence) => THEIRS.test(sentence))).toEqual([]);
});

it("has words for a mistake that it does not know", () => {
  const mistake = { code: "IMPOSSIBLE", message: "Flowing", pos: [3, 4] } as const;
  expect(yamlWords(mistake, "a: b\n")).toBe("b cannot stand here");
  expect(yamlWords({ ...mistake, pos: [5, 6] }, "a: b\n")).toBe(
    "the end of the line cannot stand here",
  );
});
