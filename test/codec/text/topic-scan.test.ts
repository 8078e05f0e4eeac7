import fc from "fast-check";
import { describe, expect, it, test, vi } from "vitest";
import { ProtocolError } from "../../../src/codec/index.js";
import { hashBytes } from "../../../src/codec/raw.js";
import {
  type checkText,
  checkTopicFilter,
  checkTopicName,
  LEVELS_MAX,
  STRICT_TEXT,
} from "../../../src/codec/text/text-check.js";
import { areLoadedFor, loadWords, words } from "../../../src/codec/text/text-words.js";
import {
  scanTopicName,
  scanTopicNameByView,
  topicFilterAt,
} from "../../../src/codec/text/topic-scan.js";
import { text, topicFilter, topicName } from "../../support/arbitraries.js";
import { roundsOf } from "../../support/quick.js";

/** What a check throws, as text; otherwise what it returns. */
function outcome(check: () => unknown): unknown {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} @${error.at}`;
  }
}

/** Both throw the same, or neither throws. */
function expectSameVerdict(quick: () => unknown, exact: () => void): void {
  const fine = (check: () => unknown) => outcome(() => void check());
  if (fine(quick) !== fine(exact)) expect.fail(`${fine(quick)} instead of ${fine(exact)}`);
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

        const filter = outcome(() => {
          checkTopicFilter(bytes, at, end, shift, rule);
          return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
        });
        // The first one that is in order makes it known to the others.
        for (const some of [undefined, view, undefined]) {
          expect(outcome(() => topicFilterAt(bytes, some, at, end, shift, rule))).toBe(filter);
        }
      }),
      { numRuns: roundsOf(10_000) },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    "[MQTT-4.7.1-2] [MQTT-4.7.1-3] find every byte that may not be there, alone in %i bytes",
    (length) => {
      for (let at = 0; at < length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = new Uint8Array(length).fill(0x61);
          bytes[at] = byte;
          const view = new DataView(bytes.buffer);
          const name = () => scanTopicName(bytes, 0, length, 0, STRICT_TEXT);
          expectSameVerdict(name, () => checkTopicName(bytes, 0, length, 0, STRICT_TEXT));
          const filter = () => topicFilterAt(bytes, view, 0, length, 0, STRICT_TEXT);
          expectSameVerdict(filter, () => checkTopicFilter(bytes, 0, length, 0, STRICT_TEXT));
        }
      }
    },
  );

  it.each([" ", ".", "A", "~"])(
    "[MQTT-1.5.3-2] find a control character at every place among %j alone",
    (character) => {
      for (let at = 0; at < 9; at++) {
        const bytes = new TextEncoder().encode(character.repeat(9));
        bytes[at] = 0x07;
        const view = new DataView(bytes.buffer);
        const found = `disallowed-character @${at}`;
        const name = () => scanTopicName(bytes, 0, 9, 0, STRICT_TEXT);
        expect(outcome(name)).toBe(found);
        const nameByView = () => scanTopicNameByView(bytes, 0, 9, 0, STRICT_TEXT, view);
        expect(outcome(nameByView)).toBe(found);
        const filter = () => topicFilterAt(bytes, view, 0, 9, 0, STRICT_TEXT);
        expect(outcome(filter)).toBe(found);
      }
    },
  );

  it.each([1, 4, 9, 40])("leave the words of a name of %i bytes for its owner", (length) => {
    const bytes = new Uint8Array(length).map((_, index) => 0x61 + (index % 26));
    words.fill(0);
    scanTopicName(bytes, 0, length, 0, STRICT_TEXT, 7);
    expect(areLoadedFor(7)).toBe(true);
    const left = words.slice(0, 10);
    words.fill(0);
    loadWords(bytes, 0, length);
    expect(left).toEqual(words.slice(0, 10));
  });

  it("make the string of a filter once, whatever is read between", () => {
    const filters = ["scan/once/+", "scan/once/+/long/#"].map((it) => new TextEncoder().encode(it));
    const readBoth = () => {
      for (const bytes of filters) topicFilterAt(bytes, undefined, 0, bytes.length, 0, STRICT_TEXT);
    };
    readBoth();
    const made = vi.spyOn(String, "fromCharCode");
    readBoth();
    const count = made.mock.calls.length;
    made.mockRestore();
    expect(count).toBe(0);
  });

  it("[MQTT-1.5.3-2] a filter that a lenient reader let pass is not taken for checked by a strict one", () => {
    const bytes = new TextEncoder().encode("site/\u0007/+");
    const end = bytes.length;
    const lenient = { acceptControls: true, levelsMax: LEVELS_MAX };
    expect(topicFilterAt(bytes, undefined, 0, end, 0, lenient)).toBe("site/\u0007/+");
    expect(outcome(() => topicFilterAt(bytes, undefined, 0, end, 0, STRICT_TEXT))).toBe(
      "disallowed-character @5",
    );
    const flat = { acceptControls: true, levelsMax: 2 };
    expect(outcome(() => topicFilterAt(bytes, undefined, 0, end, 0, flat))).toBe(
      "too-many-topic-levels @6",
    );
  });

  it("[D10] take time in proportion to a filter that is all wildcards, 65,535 bytes of them", () => {
    const bytes = new TextEncoder().encode(`${"+/".repeat(32_767)}+`);
    const any = { acceptControls: false, levelsMax: LEVELS_MAX };
    const before = process.cpuUsage();
    expect(topicFilterAt(bytes, undefined, 0, bytes.length, 0, any)).toHaveLength(65_535);
    const { user } = process.cpuUsage(before); // in us: what other programs take does not count
    expect(user).toBeLessThan(5_000_000); // some ms; a check for each wildcard took a minute
  });

  it("[MQTT-4.7.3-1] call no empty topic valid", () => {
    const none = new Uint8Array(0);
    const any = { acceptControls: true, levelsMax: LEVELS_MAX };
    expect(outcome(() => scanTopicName(none, 0, 0, 0, any))).toBe("empty-topic-name @0");
    expect(outcome(() => topicFilterAt(none, undefined, 0, 0, 0, any))).toBe(
      "empty-topic-filter @0",
    );
  });
});
