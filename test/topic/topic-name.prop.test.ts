import fc from "fast-check";
import { expect, test } from "vitest";
import { isValidTopicName, isWithinTopicBytes, levelCount } from "../../src/topic/topic-name.js";
import { anyText } from "./topics.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

test("[MQTT-4.7.1-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3] a Topic Name is valid as its bytes and characters say", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const survives = decoder.decode(encoder.encode(text)) === text; // no lone surrogate
      const expected =
        text !== "" && survives && !["+", "#", "\0"].some((bad) => text.includes(bad));
      expect(isValidTopicName(text)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("[MQTT-4.7.3-3] the bound is on UTF-8 bytes", () => {
  const character = fc.constantFrom("a", "é", "中", "\u{1f600}");
  fc.assert(
    fc.property(fc.array(character, { minLength: 1 }), fc.nat(65_000), (characters, padding) => {
      const text = characters.join("").repeat(300) + "a".repeat(padding);
      expect(isWithinTopicBytes(text)).toBe(encoder.encode(text).length <= 65_535);
    }),
  );
});

test("levels are what separators separate", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(levelCount(text)).toBe(text.split("/").length);
    }),
  );
});
