import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, shownPayload } from "../../src/console/payload.js";

const of = (text: string) => new TextEncoder().encode(text);

describe("a payload for people", () => {
  it.each([
    ["", { kind: "empty", text: "" }],
    ["21.5 °C\n", { kind: "text", text: "21.5 °C\n" }],
    ['{"a":[1]}', { kind: "JSON", text: '{\n  "a": [\n    1\n  ]\n}' }],
    ["{no JSON", { kind: "text", text: "{no JSON" }],
    ["a\u0000b", { kind: "bytes", text: "61 00 62" }],
  ])("of %j", (text, shown) => expect(shownPayload(of(text))).toEqual(shown));

  it("shows the first bytes of what is no text, sixteen a line", () => {
    const { kind, text } = shownPayload(new Uint8Array(600).fill(0xff));
    const lines = text.split("\n");
    expect(kind).toBe("bytes");
    expect(lines).toHaveLength(33);
    expect(lines[0]).toBe(Array.from({ length: 16 }, () => "ff").join(" "));
    expect(lines.at(-1)).toBe("and 88 bytes more");
  });

  it("comes whole out of Base64", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesOf(Buffer.from(bytes).toString("base64"))).toEqual(bytes);
      }),
    );
  });
});
