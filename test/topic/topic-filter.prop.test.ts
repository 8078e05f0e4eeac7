import fc from "fast-check";
import { expect, test } from "vitest";
import { hasWildcard, isValidTopicFilter } from "../../src/topic/topic-filter.js";
import { isValidTopicName } from "../../src/topic/topic-name.js";
import { anyText, topicFilter } from "./topics.js";

test("[MQTT-4.7.1-2] [MQTT-4.7.1-3] [D07] wildcards fill a level, and # the last one", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "/", "+", "#"), maxLength: 9 }), (text) => {
      const levels = text.split("/");
      const isWhole = (level: string) => level.length === 1 || !/[+#]/.test(level);
      const hashAt = levels.indexOf("#");
      const isLast = hashAt === -1 || hashAt === levels.length - 1;
      expect(isValidTopicFilter(text)).toBe(text !== "" && levels.every(isWhole) && isLast);
    }),
    { numRuns: 2_000 },
  );
});

test("[MQTT-4.7.3-2] [MQTT-4.7.3-3] without wildcards, a filter is valid where a name is", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      fc.pre(!/[+#]/.test(text));
      expect(isValidTopicFilter(text)).toBe(isValidTopicName(text));
    }),
  );
});

test("a valid filter either has a wildcard or is a Topic Name", () => {
  fc.assert(
    fc.property(topicFilter, (filter) => {
      expect(isValidTopicFilter(filter)).toBe(true);
      expect(hasWildcard(filter)).toBe(!isValidTopicName(filter));
    }),
  );
});
