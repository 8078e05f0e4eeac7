import fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "../../src/topic/matches.js";
import { RetainedTree } from "../../src/topic/retained-tree.js";
import { roundsOf } from "../support/quick.js";
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
    { numRuns: roundsOf(500) },
  );
});

test("[D18] a walk finds what stays exactly once and nothing that went before, whatever changes between its slices", () => {
  const edit = fc.record({ set: fc.boolean(), name: topicName, at: fc.nat() });
  const slice = fc.record({
    countMax: fc.integer({ min: 1, max: 4 }),
    edits: fc.array(edit, { maxLength: 6 }),
  });
  const start = fc.uniqueArray(topicName, { maxLength: 60 });
  fc.assert(
    fc.property(start, topicFilter, fc.array(slice, { maxLength: 30 }), (names, filter, slices) => {
      const tree = new RetainedTree<{ name: string }>();
      for (const name of names) tree.set(name, { name });
      const stayed = new Set(names.filter((name) => matches(filter, name)));
      const cursor = tree.cursor(filter);
      const found: { name: string }[] = [];
      for (const { countMax, edits } of slices) {
        const foundBefore = found.length;
        cursor.next(countMax, found);
        expect(found.length - foundBefore).toBeLessThanOrEqual(countMax);
        for (const value of found.slice(foundBefore)) expect(tree.get(value.name)).toBe(value);
        for (const one of edits) apply(one, names, tree, stayed);
      }
      while (cursor.next(2, found));
      const foundNames = found.map(({ name }) => name);
      expect(foundNames.filter((name) => !matches(filter, name))).toEqual([]);
      expect(foundNames.filter((name) => stayed.has(name)).sort()).toEqual([...stayed].sort());
    }),
    { numRuns: roundsOf(1_000) },
  );
});

interface Edit {
  readonly set: boolean;
  readonly name: string;
  readonly at: number;
}

/** Sets what is not there, or deletes: more often than by chance what was there at the start. */
function apply(
  { set, name, at }: Edit,
  names: readonly string[],
  tree: RetainedTree<{ name: string }>,
  stayed: Set<string>,
): void {
  if (set) {
    if (tree.get(name) === undefined) tree.set(name, { name });
    return;
  }
  const deleted = names[at % (2 * names.length)] ?? name;
  tree.delete(deleted);
  stayed.delete(deleted);
}
