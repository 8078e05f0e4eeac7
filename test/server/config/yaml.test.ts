import { describe, expect, it } from "vitest";
import { type Place, readYaml } from "../../../src/server/config/yaml.js";

const shown = ({ line, column }: Place): string => `${line}:${column}`;

describe("a YAML text", () => {
  const text = `# comment
port: 1883
limits:
  heldMax: 5 # more
list: [a, {b: c}]
again: &x
  y: 1
alias: *x
empty:
`;

  it("has values and tells where they stand, line and column from 1 on", () => {
    const { value, errors, ...read } = readYaml(text);
    const placeOf = (...args: Parameters<typeof read.placeOf>) => shown(read.placeOf(...args));
    expect(errors).toEqual([]);
    expect(value).toMatchObject({
      port: 1883,
      limits: { heldMax: 5 },
      alias: { y: 1 },
      empty: null,
    });
    expect(placeOf(["port"], "key")).toBe("2:1");
    expect(placeOf(["port"], "value")).toBe("2:7");
    expect(placeOf(["limits", "heldMax"], "value")).toBe("4:12");
    expect(placeOf(["list", 1, "b"], "key")).toBe("5:12");
    expect(placeOf(["alias", "y"], "value")).toBe("7:6");
    expect(placeOf(["limits", "missing"], "value")).toBe("4:3");
    expect(placeOf(["missing"], "value")).toBe("2:1");
  });

  it("may be JSON, or nothing", () => {
    expect(readYaml('{"a": [1, true, null, "\\u00e4"]}').value).toEqual({
      a: [1, true, null, "ä"],
    });
    expect(readYaml("").value).toBeNull();
    expect(shown(readYaml("").placeOf(["x"], "key"))).toBe("1:1");
    expect(readYaml("\ufeffa: 1").value).toEqual({ a: 1 });
  });

  it.each([
    ["a: 1\na: 2\n", "2:1"],
    ["a: [1\n", "2:1"],
    ["a: 1\n\tb: 2\n", "2:1"],
    ["a: *nobody\n", "1:4"],
    ["a: !unknown 1\n", "1:4"],
    ["a: 1\n---\nb: 2\n", "2:1"],
    ['a: "\n', "2:1"],
    ["? [a]\n: 1\n", "1:3"],
  ])("tells what is wrong with %j and where", (wrong, at) => {
    const { errors } = readYaml(wrong);
    expect(errors[0]?.sentence).toMatch(/\w+ \w+/);
    expect(errors[0] && shown(errors[0].at)).toBe(at);
  });

  it("says in its own words that there is more than one document", () => {
    expect(readYaml("a: 1\n---\nb: 2\n").errors[0]?.sentence).toBe(
      "a second document begins here, behind ---; allowed: one",
    );
  });

  it("refuses aliases that would grow without bound", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let at = 1; at < 9; at += 1) {
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(", ")}]`,
      );
    }
    expect(readYaml(lines.join("\n")).errors[0]?.sentence).toMatch(/alias/);
  });
});
