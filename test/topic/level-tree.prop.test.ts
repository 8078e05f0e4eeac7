import fc from "fast-check";
import { expect, test } from "vitest";
import { LevelTree } from "../../src/topic/level-tree.js";
import { roundsOf } from "../support/quick.js";
import { countNodes, shapeOf } from "./shape.js";
import { topicFilter } from "./topics.js";

test("[D12] [D14] the tree has the shape that its texts alone give it, whatever was there before", () => {
  const edit = fc.record({ add: fc.boolean(), text: topicFilter });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 80 }), (edits) => {
      const tree = new LevelTree<string>();
      const texts = new Set<string>();
      for (const { add, text } of edits) {
        expect(tree.find(text)?.value).toBe(texts.has(text) ? text : undefined);
        if (add) {
          tree.reach(text).value = text;
          texts.add(text);
        } else {
          expect(tree.delete(text)).toBe(texts.delete(text) ? text : undefined);
        }
      }
      const fresh = new LevelTree<string>();
      for (const text of [...texts].sort()) fresh.reach(text).value = text;
      expect(shapeOf(tree)).toEqual(shapeOf(fresh));
      expect(countNodes(tree)).toBeLessThanOrEqual(Math.max(0, 2 * texts.size - 1));
    }),
    { numRuns: roundsOf(500) },
  );
});
