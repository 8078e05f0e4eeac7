import { describe, expect, it } from "vitest";
import { Chain, type Task } from "../../src/state/task.js";

/** Takes so many slices, and writes one letter in each. */
function letters(text: string, into: string[]): Task {
  const left = [...text];
  return {
    outlivesConnection: true,
    proceed() {
      into.push(left.shift() ?? "?");
      return left.length === 0;
    },
  };
}

describe("Chain", () => {
  it("does one slice at a time, and a task after the other", () => {
    const done: string[] = [];
    const chain = new Chain();
    chain.add(letters("ab", done));
    chain.add(letters("c", done));
    const ends = [chain.proceed(), chain.proceed()];
    chain.add(letters("d", done));
    ends.push(chain.proceed(), chain.proceed());
    expect([done.join(""), ends]).toEqual(["abcd", [false, false, false, true]]);
  });

  it("has nothing to do without tasks, and takes new ones when it was done", () => {
    const chain = new Chain();
    expect([chain.isEmpty, chain.proceed()]).toEqual([true, true]);
    const done: string[] = [];
    chain.add(letters("a", done));
    expect([chain.isEmpty, chain.proceed(), chain.isEmpty]).toEqual([false, true, true]);
    expect(done).toEqual(["a"]);
  });
});
