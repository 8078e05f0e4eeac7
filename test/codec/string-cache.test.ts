import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { hashBytes } from "../../src/codec/raw.js";
import {
  FILTER,
  guessTopic,
  hashIn,
  NAME,
  sampleOf,
  stringIn,
  topicString,
} from "../../src/codec/string-cache.js";
import { LEVELS_MAX } from "../../src/codec/text-check.js";
import { topicFilter, topicName } from "../support/arbitraries.js";

/** A topic in the middle of a buffer. */
function place(topic: string): { bytes: Uint8Array; view: DataView; at: number; end: number } {
  const bytes = Uint8Array.from([0, 1, ...new TextEncoder().encode(topic), 2]);
  return { bytes, view: new DataView(bytes.buffer), at: 2, end: bytes.length - 1 };
}

function remembered(topic: string, kind: number, hash?: number): string {
  const { bytes, at, end } = place(topic);
  const usual = kind === NAME ? hashBytes(bytes, at, end) : sampleOf(bytes, at, end);
  return topicString(bytes, at, end, kind, hash ?? usual);
}

/** What is guessed without a view and with one, which must be the same. */
function guessed(topic: string, kind: number, levelsMax = LEVELS_MAX): string | undefined {
  const { bytes, view, at, end } = place(topic);
  const slot = guessTopic(bytes, undefined, at, end, kind, levelsMax);
  expect(guessTopic(bytes, view, at, end, kind, levelsMax)).toBe(slot);
  if (slot < 0) return undefined;
  if (kind === NAME) expect(hashIn(slot)).toBe(hashBytes(bytes, at, end));
  return stringIn(slot);
}

const kind = fc.constantFrom(NAME, FILTER);

describe("the string cache", () => {
  test("gives the string of the bytes, however often and in whatever company", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(topicName, topicFilter), kind), { maxLength: 30 }),
        (topics) => {
          for (const [topic, as] of [...topics, ...topics]) {
            expect([undefined, topic]).toContain(guessed(topic, as));
            expect(remembered(topic, as)).toBe(topic);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives the string of the bytes when many more names come than it holds", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 5000; index++) {
        const name = `device/${index}/x`;
        expect([undefined, name]).toContain(guessed(name, NAME));
        expect(remembered(name, NAME)).toBe(name);
        expect(guessed(name, NAME)).toBe(name);
      }
    }
  });

  it("[C15] tells apart names whose hash is the same", () => {
    for (let round = 0; round < 3; round++) {
      for (const name of ["ab", "cd", "ef", "abcdefgh", "abcdefgi", "bbcdefgh", "abcdefghi"]) {
        expect(remembered(name, NAME, 42)).toBe(name);
        expect(remembered(name, NAME, 42)).toBe(name);
      }
    }
  });

  it("[C15] tells apart names that a guess takes for each other", () => {
    const names = ["aXbbcYdd", "aZbbcYdd", "aXbbcQdd"]; // the same first, middle, last two bytes
    for (const name of [...names, ...names]) {
      expect([undefined, name]).toContain(guessed(name, NAME));
      expect(remembered(name, NAME)).toBe(name);
      expect(guessed(name, NAME)).toBe(name);
    }
  });

  it.each([1, 3, 4, 5, 63, 64, 65, 200])("takes names of %i bytes", (length) => {
    const name = "0123456789".repeat(20).slice(0, length);
    expect(remembered(name, NAME)).toBe(name);
    expect(remembered(name, NAME)).toBe(name);
    expect(guessed(name, NAME)).toBe(length >= 4 && length <= 64 ? name : undefined);
  });
});

describe("a guess", () => {
  it("[MQTT-3.3.2-2] never takes a Topic Filter for a Topic Name", () => {
    remembered("guess/+/filter", FILTER);
    expect(guessed("guess/+/filter", FILTER)).toBe("guess/+/filter");
    expect(guessed("guess/+/filter", NAME)).toBeUndefined();
  });

  it.each(["guess/\u0001/x", "guess/\u{fdd0}", "guess/\u00e9/x"])(
    "leaves %j to the rules of each reader",
    (name) => {
      remembered(name, NAME);
      expect(guessed(name, NAME)).toBeUndefined();
    },
  );

  it("leaves a topic that may have too many levels to the exact check", () => {
    remembered("l/e/v/e/l/s", NAME);
    expect(guessed("l/e/v/e/l/s", NAME, 12)).toBe("l/e/v/e/l/s");
    expect(guessed("l/e/v/e/l/s", NAME, 11)).toBeUndefined();
  });
});
