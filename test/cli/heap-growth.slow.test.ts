import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const module = fileURLToPath(new URL("../../dist/cli/heap-growth.js", import.meta.url));

/** Prints the most MiB of heap that a long line of objects took, each of which lives for long. */
const program = (bounded: boolean): string => `
  ${bounded ? `(await import(${JSON.stringify(module)})).boundHeapGrowth();` : ""}
  const line = new Array(600_000).fill(undefined);
  let most = 0;
  for (let n = 0; n < 8_000_000; n += 1) {
    line[n % line.length] = { n, more: [n] };
    if (n % 20_000 !== 0) continue;
    if (n > 4_000_000) most = Math.max(most, process.memoryUsage().heapTotal);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  console.log(most / 1024 ** 2);
`;

function mostHeap(bounded: boolean): number {
  const flags = ["--input-type=module", "-e", program(bounded)];
  return Number(execFileSync(process.execPath, flags, { encoding: "utf8" }));
}

it("keeps the heap close to what is in use", () => {
  const [unbounded, bounded] = [mostHeap(false), mostHeap(true)];
  expect(bounded).toBeGreaterThan(0);
  expect(bounded / unbounded).toBeLessThan(0.8);
});
