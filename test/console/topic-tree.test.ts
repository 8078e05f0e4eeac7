import { expect, it } from "vitest";
import { topicTree } from "../../src/console/topic-tree.js";

it("makes a tree of topic names, in their order, with how many there are below", () => {
  const tree = topicTree([
    ["b", 1],
    ["a/y", 2],
    ["a/x/1", 3],
    ["a", 4],
  ]);
  expect(tree).toEqual([
    {
      ...{ level: "a", topicName: "a", value: 4, count: 3 },
      children: [
        {
          ...{ level: "x", topicName: "a/x", value: undefined, count: 1 },
          children: [{ level: "1", topicName: "a/x/1", value: 3, count: 1, children: [] }],
        },
        { level: "y", topicName: "a/y", value: 2, count: 1, children: [] },
      ],
    },
    { level: "b", topicName: "b", value: 1, count: 1, children: [] },
  ]);
});

it("knows empty levels: a topic may begin or end with a slash", () => {
  const [root] = topicTree([["/a/", 1]]);
  expect(root).toMatchObject({ level: "", topicName: "", count: 1 });
  expect(root?.children[0]?.children[0]).toMatchObject({ level: "", topicName: "/a/", value: 1 });
});
