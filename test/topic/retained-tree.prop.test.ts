import fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "../../src/topic/matches.js";
import { RetainedTree } from "../../src/topic/retained-tree.js";
import { topicFilter, topicName } from "./topics.js";

test("[MQTT-4.7.2-1] a cursor finds what the plain matcher finds, after any sets and deletes", () => {
  const edit = fc.record({ set: fc.boolean(), name: topicName, value: fc.nat() });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 60 }), topicFilter, (edits, filter) => {
      const tree = new RetainedTree<{ value: string }>();
      const model = new Map<string, { value: string }>();
      for (const { set, name, value } of edits) {
        const previous = model.get(name);
        if (set) {
          const retained = { value: `${name} ${value}` };
          expect(tree.set(name, retained)).toBe(previous);
          model.set(name, retained);
        } else {
          expect(tree.delete(name)).toBe(previous);
          model.delete(name);
        }
        expect(tree.get(name)).toBe(model.get(name));
        expect(tree.size).toBe(model.size);
      }
      const found: { value: string }[] = [];
      const cursor = tree.cursor(filter);
      while (cursor.next(3, found));
      const expected = [...model].filter(([name]) => matches(filter, name));
      expect(found.map(({ value }) => value).sort()).toEqual(
        expected.map(([, { value }]) => value).sort(),
      );
    }),
    { numRuns: 500 },
  );
});
