import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { hiddenLine, type Terminal } from "../../src/cli/hidden-line.js";

/** A terminal that a test types at, and what was seen there. */
function terminal(isTTY: boolean) {
  const seen: string[] = [];
  const stream = new PassThrough();
  const stdin = Object.assign(stream, {
    isTTY,
    setRawMode: (mode: boolean) => seen.push(mode ? "<raw>" : "<cooked>"),
  });
  const shown: Terminal = { stdin, stderr: { write: (text) => seen.push(text) } };
  return { shown, stream, seen };
}

describe("a line that is not shown", () => {
  it("comes key by key from a terminal, which shows none of them", async () => {
    const { shown, stream, seen } = terminal(true);
    const line = hiddenLine(shown, "Password: ");
    for (const key of ["s", "x", "\x7f", "ecr", "é", "\b", "et\r", "more"]) stream.write(key);
    expect(await line).toBe("secret");
    expect(seen).toEqual(["Password: ", "<raw>", "<cooked>", "\n"]);
  });

  it("is the first line of any other input, with or without an end of line", async () => {
    for (const text of ["pass word\nmore\n", "pass word"]) {
      const { shown, stream, seen } = terminal(false);
      const line = hiddenLine(shown, "Password: ");
      stream.end(text);
      expect(await line).toBe("pass word");
      expect(seen).toEqual([]);
    }
  });

  it("does not come at Ctrl-C, from nothing, and from too much", async () => {
    const stopped = terminal(true);
    const line = hiddenLine(stopped.shown, "");
    stopped.stream.write("se\x03");
    await expect(line).rejects.toThrow("stopped");
    expect(stopped.seen.at(-2)).toBe("<cooked>");
    const empty = terminal(false);
    empty.stream.end();
    await expect(hiddenLine(empty.shown, "")).rejects.toThrow("no password came");
    const long = terminal(false);
    long.stream.write("x".repeat(65_536));
    await expect(hiddenLine(long.shown, "")).rejects.toThrow("the line is too long");
  });
});
