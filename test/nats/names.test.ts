import { describe, expect, it } from "vitest";
import { clusterNames, homeNames, isClusterName, retainedSubject } from "../../src/nats/names.js";

describe("clusterNames", () => {
  it("gives each cluster a stream and subjects of its own", () => {
    expect(clusterNames("west-1")).toEqual({
      stream: "BL_west-1_ORDER",
      order: "bl.west-1.order",
      ordered: "bl.west-1.ordered",
      inboxes: "bl.west-1.n.",
      retainedStream: "BL_west-1_RETAINED",
      retained: "bl.west-1.ret.",
    });
  });

  it.each(["", "a.b", "a b", "*", ">", "a/b", "ä", "x".repeat(33), "a\0"])(
    "[L01] refuses %j, which would be another subject",
    (name) => {
      expect(isClusterName(name)).toBe(false);
      expect(() => clusterNames(name)).toThrow(/cluster\.name is .* allowed: names of 1 to 32/);
    },
  );

  it("takes names of 32 characters", () => {
    expect(isClusterName("x".repeat(32))).toBe(true);
  });
});

describe("homeNames", () => {
  it("[M34] gives each node a stream of its own, whatever it is called", () => {
    expect(homeNames("west")).toEqual({ stream: "BL_west_HOME", subject: "bl.west.home" });
    expect(homeNames("west", "node-1")).toEqual({
      stream: "BL_west_HOME_node-1",
      subject: "bl.west.home.node-1",
    });
    const odd = ["a.b", "a b", "ä", "*", ">", "x".repeat(60).concat("....")];
    const streams = odd.map((node) => homeNames("west", node).stream);
    expect(new Set(streams).size).toBe(odd.length);
    for (const stream of streams) expect(stream).toMatch(/^BL_west_HOME_~[A-Za-z0-9_-]{43}$/);
  });
});

describe("retainedSubject", () => {
  const names = clusterNames("c");
  const subject = (topicName: string) => retainedSubject(names, topicName);

  it("[L01] is one level of its own for each topic, whatever that looks like", () => {
    const topics = ["", "a", "a.b", "a/b", "*", "~", "$SYS", " ", "é", "x".repeat(160)];
    const long = ["x".repeat(161), "x".repeat(162), `y${"x".repeat(65_000)}`];
    const subjects = [...topics, ...long].map(subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const one of subjects) expect(one).toMatch(/^bl\.c\.ret\.[A-Za-z0-9_~-]{1,214}$/);
    expect(subject("a/b")).toBe("bl.c.ret.YS9i");
    expect(subject("")).toBe("bl.c.ret.~");
    expect(subject("x".repeat(161))).toMatch(/^bl\.c\.ret\.~[A-Za-z0-9_-]{43}$/);
  });
});
