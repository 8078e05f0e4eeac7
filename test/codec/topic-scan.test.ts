import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ProtocolError } from "../../src/codec/index.js";
import { hashBytes } from "../../src/codec/raw.js";
import {
  checkText,
  checkTopicFilter,
  checkTopicName,
  LEVELS_MAX,
} from "../../src/codec/text-check.js";
import {
  isPlain,
  scanTopicFilter,
  scanTopicName,
  scanTopicNameByView,
} from "../../src/codec/topic-scan.js";
import { text, topicFilter, topicName } from "../support/arbitraries.js";

/** What a check throws, as text; otherwise what it returns. */
function outcome(check: () => unknown): unknown {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} @${error.at}`;
  }
}

/** Strings that hold anything, some of them hardly wrong. */
const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  text.map((found) => new TextEncoder().encode(found)),
  topicName.map((found) => new TextEncoder().encode(found)),
  topicFilter.map((found) => new TextEncoder().encode(found)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(255))
    .map(([found, at, byte]) => {
      const bytes = new TextEncoder().encode(found);
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
);

const rules = fc.record({
  acceptControls: fc.boolean(),
  levelsMax: fc.constantFrom(1, 2, 3, 8, LEVELS_MAX),
});

describe("the fast checks", () => {
  test("agree with the exact ones, and with hashBytes", () => {
    fc.assert(
      fc.property(content, rules, fc.nat(9), (body, rule, shift) => {
        const bytes = Uint8Array.from([...new Array(shift + 2).fill(0x23), ...body, 0x2b]);
        const view = new DataView(bytes.buffer);
        const at = shift + 2;
        const end = at + body.length;
        const exactly = (check: typeof checkText) =>
          outcome(() => {
            check(bytes, at, end, shift, rule);
            return hashBytes(bytes, at, end);
          });

        const name = exactly(checkTopicName);
        expect(outcome(() => scanTopicName(bytes, at, end, shift, rule))).toBe(name);
        if (body.length >= 4) {
          const byView = () => scanTopicNameByView(bytes, at, end, shift, rule, view);
          expect(outcome(byView)).toBe(name);
        }

        const filter = exactly(checkTopicFilter);
        for (const some of [undefined, view]) {
          expect(outcome(() => scanTopicFilter(bytes, some, at, end, shift, rule))).toBe(filter);
        }

        expect(isPlain(bytes, view, at, end)).toBe(isPlain(bytes, undefined, at, end));
        if (isPlain(bytes, view, at, end)) {
          expect(body.every((byte) => byte >= 0x20 && byte <= 0x7e)).toBe(true);
          expect(outcome(() => checkText(bytes, at, end, shift, rule))).toBeUndefined();
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it("find every byte that is not plain, alone at every place of every length", () => {
    for (let length = 1; length < 10; length++) {
      for (let at = 0; at < length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = new Uint8Array(length).fill(0x61);
          bytes[at] = byte;
          expect(isPlain(bytes, undefined, 0, length)).toBe(byte >= 0x20 && byte <= 0x7e);
        }
      }
    }
  });

  it("call an empty string plain, and no empty topic valid", () => {
    const none = new Uint8Array(0);
    const any = { acceptControls: true, levelsMax: LEVELS_MAX };
    expect(isPlain(none, undefined, 0, 0)).toBe(true);
    expect(outcome(() => scanTopicName(none, 0, 0, 0, any))).toBe("empty-topic-name @0");
    expect(outcome(() => scanTopicFilter(none, undefined, 0, 0, 0, any))).toBe(
      "empty-topic-filter @0",
    );
  });
});
