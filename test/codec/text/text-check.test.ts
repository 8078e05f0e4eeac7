import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ProtocolError } from "../../../src/codec/index.js";
import {
  checkText,
  checkTopicFilter,
  checkTopicName,
  LEVELS_MAX,
  STRICT_TEXT,
} from "../../../src/codec/text/text-check.js";
import { text, topicFilter, topicName } from "../../support/arbitraries.js";
import { roundsOf } from "../../support/quick.js";

const lenient = { acceptControls: true, levelsMax: LEVELS_MAX };

/** What `check` says about `content` that stands behind 5 other bytes of its packet. */
function checked(check: typeof checkText, content: Uint8Array | string, rules = STRICT_TEXT) {
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const bytes = Uint8Array.from([9, 9, 9, 9, 9, 9, 9, ...body, 0x80]);
  return outcomeOf(() => check(bytes, 7, 7 + body.length, 2, rules));
}

function outcomeOf(check: () => void): string {
  try {
    check();
    return "fine";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} @${error.at}`;
  }
}

describe("checkText", () => {
  it.each([
    ["ff", [0xff]],
    ["80", [0x80]],
    ["c0 80", [0xc0, 0x80]],
    ["c0 af", [0xc0, 0xaf]],
    ["c1 bf", [0xc1, 0xbf]],
    ["e0 80 80", [0xe0, 0x80, 0x80]],
    ["e0 9f bf", [0xe0, 0x9f, 0xbf]],
    ["f0 80 80 80", [0xf0, 0x80, 0x80, 0x80]],
    ["f0 8f bf bf", [0xf0, 0x8f, 0xbf, 0xbf]],
    ["[C02] ed a0 80", [0xed, 0xa0, 0x80]],
    ["[C02] ed bf bf", [0xed, 0xbf, 0xbf]],
    ["[C02] a pair of surrogates", [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80]],
    ["[C03] f4 90 80 80", [0xf4, 0x90, 0x80, 0x80]],
    ["[C03] f8 88 80 80 80", [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ["[C03] fd 80 80 80 80 80", [0xfd, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ["[C05] c3 at the end", [0xc3]],
    ["[C05] e2 82 at the end", [0xe2, 0x82]],
    ["[C05] f0 9d 84 at the end", [0xf0, 0x9d, 0x84]],
    ["c3 28", [0xc3, 0x28]],
    ["e2 28 a1", [0xe2, 0x28, 0xa1]],
    ["e2 82 28", [0xe2, 0x82, 0x28]],
  ])("[MQTT-1.5.3-1] [C01] refuses what is not UTF-8: %s", (_, bytes) => {
    expect(checked(checkText, Uint8Array.from(bytes))).toBe("ill-formed-utf8 @5");
    expect(checked(checkText, Uint8Array.from([0x61, 0xc3, 0xa9, ...bytes]))).toBe(
      "ill-formed-utf8 @8",
    );
    expect(checked(checkText, Uint8Array.from(bytes), lenient)).toBe("ill-formed-utf8 @5");
  });

  it.each([
    ["the first and last of two bytes", "\u00a0\u07ff"],
    ["the first and last of three bytes", "\u0800\ud7ff\ue000\ufffd"],
    ["the first and last of four bytes", "\u{10000}\u{10fffd}"],
    ["[C07] U+FEFF", "\ufeffa\ufeff"],
    ["nothing", ""],
  ])("[MQTT-1.5.3-1] [MQTT-1.5.3-3] lets pass %s", (_, content) => {
    expect(checked(checkText, content)).toBe("fine");
  });

  it.each([
    ["\0", "null-character @5"],
    ["a\0b", "null-character @6"],
    ["ab\0", "null-character @7"],
  ])("[MQTT-1.5.3-2] [C04] refuses U+0000 wherever it stands: %j", (content, expected) => {
    expect(checked(checkText, content)).toBe(expected);
    expect(checked(checkText, content, lenient)).toBe(expected);
  });

  it.each([
    0x01, 0x09, 0x0a, 0x1f, 0x7f, 0x80, 0x9f, 0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0x1ffff,
    0x10fffe, 0x10ffff,
  ])("[M11] [C06] refuses or takes U+%i, as told", (point) => {
    const content = `a${String.fromCodePoint(point)}`;
    expect(checked(checkText, content)).toBe("disallowed-character @6");
    expect(checked(checkText, content, lenient)).toBe("fine");
  });

  it.each([0x20, 0x7e, 0xa0, 0xfdcf, 0xfdf0, 0xfffd, 0x1fffd, 0x20000])(
    "[M11] [C06] lets the neighbours pass: U+%i",
    (point) => {
      expect(checked(checkText, String.fromCodePoint(point))).toBe("fine");
    },
  );

  test("[MQTT-1.5.3-1] agrees with the platform's strict decoder on any bytes", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.array(fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0x9f, 0xa0, 0xf0, 0xf4, 0x90)),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        const sequence = Uint8Array.from(content);
        let expected = true;
        try {
          decoder.decode(sequence);
        } catch {
          expected = false;
        }
        const found = checked(checkText, sequence, lenient);
        expect(found.startsWith("ill-formed-utf8")).toBe(
          !expected && !found.startsWith("null-character"),
        );
        if (expected) expect(found).toMatch(/^(fine|null-character)/);
      }),
      { numRuns: roundsOf(2000) },
    );
  });

  test("lets every valid string pass", () => {
    fc.assert(
      fc.property(text, (content) => {
        expect(checked(checkText, content)).toBe("fine");
      }),
    );
  });
});

describe("checkTopicName", () => {
  it.each([
    ["", "empty-topic-name @5"],
    ["+", "wildcard-in-topic-name @5"],
    ["a/#", "wildcard-in-topic-name @7"],
    ["a\0", "null-character @6"],
    ["/", "fine"],
    [" ", "fine"],
    ["$SYS/x", "fine"],
    ["a//b/", "fine"],
  ])("[MQTT-4.7.3-1] [MQTT-4.7.1-1] [MQTT-3.3.2-2] says of %j: %s", (content, expected) => {
    expect(checked(checkTopicName, content)).toBe(expected);
  });

  it("[M22] counts levels", () => {
    const rules = { acceptControls: false, levelsMax: 2 };
    expect(checked(checkTopicName, "a/b", rules)).toBe("fine");
    expect(checked(checkTopicName, "a/b/c", rules)).toBe("too-many-topic-levels @8");
  });

  test("lets every valid Topic Name pass", () => {
    fc.assert(
      fc.property(topicName, (name) => {
        expect(checked(checkTopicName, name)).toBe("fine");
      }),
    );
  });
});

describe("checkTopicFilter", () => {
  it.each([
    ["", "empty-topic-filter @5"],
    ["#", "fine"],
    ["/#", "fine"],
    ["a/#", "fine"],
    ["+", "fine"],
    ["/+", "fine"],
    ["+/+", "fine"],
    ["+/a/+/#", "fine"],
    ["a+", "misplaced-single-level-wildcard @6"],
    ["+a", "misplaced-single-level-wildcard @5"],
    ["a/b+", "misplaced-single-level-wildcard @8"],
    ["a/+b/c", "misplaced-single-level-wildcard @7"],
    ["++", "misplaced-single-level-wildcard @5"],
    ["+#", "misplaced-single-level-wildcard @5"],
    ["a#", "misplaced-multi-level-wildcard @6"],
    ["#/a", "misplaced-multi-level-wildcard @5"],
    ["a/#/b", "misplaced-multi-level-wildcard @7"],
    ["##", "misplaced-multi-level-wildcard @5"],
    ["#/", "misplaced-multi-level-wildcard @5"],
    ["a\0", "null-character @6"],
  ])("[MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1] says of %j: %s", (content, expected) => {
    expect(checked(checkTopicFilter, content)).toBe(expected);
  });

  it("[M22] counts levels", () => {
    const rules = { acceptControls: false, levelsMax: 2 };
    expect(checked(checkTopicFilter, "+/#", rules)).toBe("fine");
    expect(checked(checkTopicFilter, "+/+/#", rules)).toBe("too-many-topic-levels @8");
  });

  test("[MQTT-4.7.1-2] [MQTT-4.7.1-3] finds what a level by level reading finds", () => {
    const pieces = fc.array(fc.constantFrom("a", "+", "#", "/"), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(pieces, (found) => {
        const filter = found.join("");
        const levels = filter.split("/");
        const valid = levels.every(
          (level, index) =>
            !/[+#]/.test(level) || level === "+" || (level === "#" && index === levels.length - 1),
        );
        expect(checked(checkTopicFilter, filter) === "fine").toBe(valid);
      }),
      { numRuns: roundsOf(2000) },
    );
  });

  test("lets every valid Topic Filter pass", () => {
    fc.assert(
      fc.property(topicFilter, (found) => {
        expect(checked(checkTopicFilter, found)).toBe("fine");
      }),
    );
  });
});

describe("wildcards at the edges of a Topic Filter", () => {
  it.each([
    ["#", 1, 2, "fine"],
    ["a#", 0, 2, "misplaced-multi-level-wildcard @1"],
    ["+", 3, 4, "fine"],
    ["+b", 3, 5, "misplaced-single-level-wildcard @3"],
  ])("are seen in %j alone, not in its surroundings", (_, at, end, expected) => {
    const bytes = new TextEncoder().encode("a#/+b");
    expect(outcomeOf(() => checkTopicFilter(bytes, at, end, 0, STRICT_TEXT))).toBe(expected);
  });
});

it("[MQTT-4.8.0-1] the error holds the topic that is wrong, and no other string", () => {
  const topicOf = (check: typeof checkText, text: string): string | undefined => {
    const bytes = new TextEncoder().encode(text);
    try {
      check(bytes, 0, bytes.length, 0, { ...STRICT_TEXT, levelsMax: 2 });
      return "fine";
    } catch (error) {
      const { topic } = error as ProtocolError; // nothing else is thrown
      return topic && new TextDecoder().decode(topic);
    }
  };
  expect(topicOf(checkTopicFilter, "a/b\tc")).toBe("a/b\tc");
  expect(topicOf(checkTopicFilter, "a/b+")).toBe("a/b+");
  expect(topicOf(checkTopicName, "a/#")).toBe("a/#");
  expect(topicOf(checkTopicName, "a/b/c")).toBe("a/b/c");
  expect(topicOf(checkTopicName, "")).toBeUndefined();
  expect(topicOf(checkText, "secret\t")).toBeUndefined();
});
