import { describe, expect, it } from "vitest";
import { ErrorLines } from "../../src/log/error-lines.js";

function log() {
  const lines: string[] = [];
  const clock = { nowMs: 1 };
  const errors = new ErrorLines(
    (line) => lines.push(line),
    () => clock.nowMs,
  );
  return { errors, lines, clock };
}

describe("ErrorLines", () => {
  it("writes one line an error", () => {
    const { errors, lines } = log();
    errors.add(new TypeError("bad"));
    errors.add("text");
    expect(lines).toEqual(["TypeError: bad", "text"]);
  });

  it("[I11] [I14] writes the same line once a minute, and how often it came meanwhile", () => {
    const { errors, lines, clock } = log();
    for (let count = 0; count < 4; count += 1) errors.add(new Error("accept EMFILE"));
    clock.nowMs += 59_999;
    errors.add(new Error("accept EMFILE"));
    expect(lines).toEqual(["Error: accept EMFILE"]);
    clock.nowMs += 1;
    errors.add(new Error("accept EMFILE"));
    expect(lines[1]).toBe("Error: accept EMFILE (4 more)");
    clock.nowMs += 60_000;
    errors.add(new Error("accept EMFILE"));
    expect(lines[2]).toBe("Error: accept EMFILE");
  });

  it("[I14] remembers a hundred lines at most", () => {
    const { errors, lines } = log();
    for (let index = 0; index <= 100; index += 1) errors.add(`error ${index}`);
    errors.add("error 100");
    errors.add("error 1");
    expect(lines).toHaveLength(101);
    errors.add("error 0");
    expect(lines).toHaveLength(102);
  });

  it("[C14] keeps an error on its line, whatever is in it", () => {
    const { errors, lines } = log();
    errors.add("a\r\nb\u001b[31mc\u202ed\u2028e");
    expect(lines).toEqual(["a\\u{d}\\u{a}b\\u{1b}[31mc\\u{202e}d\\u{2028}e"]);
  });
});
