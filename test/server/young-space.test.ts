import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { YoungSpace } from "../../src/server/young-space.js";

function watched(): { space: YoungSpace; said: boolean[] } {
  const said: boolean[] = [];
  return { space: new YoungSpace((mayGrow) => said.push(mayGrow)), said };
}

describe("the space of new objects", () => {
  it("may grow in a second with a thousand messages, not with one fewer, and is told once", () => {
    const { space, said } = watched();
    expect(said).toEqual([false]);
    space.look(999);
    expect(said).toEqual([false]);
    space.look(1_999);
    space.look(2_999);
    expect(said).toEqual([false, true]);
    space.look(3_998);
    expect(said).toEqual([false, true, false]);
  });

  it("is looked at once a second until it is closed", () => {
    vi.useFakeTimers();
    try {
      const { space, said } = watched();
      let messages = 0;
      space.watch(() => (messages += 1_000));
      vi.advanceTimersByTime(999);
      expect(said).toEqual([false]);
      vi.advanceTimersByTime(1);
      expect(said).toEqual([false, true]);
      space.close();
      vi.advanceTimersByTime(5_000);
      expect(messages).toBe(1_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stays as small as it is while everything that is made stays, and grows when it may", () => {
    const module = fileURLToPath(new URL("../../dist/server/young-space.js", import.meta.url));
    const program = `
      import { getHeapSpaceStatistics } from "node:v8";
      import { YoungSpace } from ${JSON.stringify(module)};
      const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size;
      const kept = [];
      const fill = () => { for (let n = 0; n < 200_000; n += 1) kept.push({ n, more: [n] }); };
      const space = new YoungSpace();
      const sizes = [size()];
      fill();
      sizes.push(size());
      space.look(1_000);
      fill();
      sizes.push(size());
      console.log(JSON.stringify(sizes));`;
    const flags = ["--input-type=module", "-e", program];
    const said = execFileSync(process.execPath, flags, { encoding: "utf8" });
    const [first = 0, held = 0, grown = 0] = JSON.parse(said) as number[];
    // One of its two halves has no memory before it is first needed.
    expect(held).toBeLessThanOrEqual(2 * first);
    expect(grown).toBeGreaterThan(2 * held);
  });
});
