import { describe, expect, it } from "vitest";
import { opened, sealed } from "../../src/cluster/envelope.js";

describe("an envelope", () => {
  it.each([
    { kind: "share", about: "$share/g/a/+/#", topicName: "a/b" },
    { kind: "shown", about: "straße/1", topicName: "d/p2p/x" },
    { kind: "kick", about: "c\u{1f41d}", topicName: "" },
  ] as const)("[L01] $kind is opened as it was sealed, whatever it is about", (envelope) => {
    const text = sealed(envelope);
    expect(text).not.toMatch(/[+#]/); // it is a Topic Name
    expect(opened(text)).toEqual(envelope);
  });

  it.each([
    "a/b",
    "$beeline/share",
    "$beeline/other/61/a",
    "$beeline/share/6/a",
    "$beeline/share/ff/a",
  ])("%s is none", (text) => {
    expect(opened(text)).toBeUndefined();
  });
});
