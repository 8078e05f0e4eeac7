import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cpuWaitMs, processUsage } from "../src/process-usage.js";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A /proc with the given processes: [utime, stime, cutime, cstime] in ticks, RSS in kB. */
function proc(
  processes: Record<number, { ticks: number[]; kb: number; children: string }>,
): string {
  const root = mkdtempSync(join(tmpdir(), "proc-"));
  folders.push(root);
  for (const [pid, { ticks, kb, children }] of Object.entries(processes)) {
    mkdirSync(join(root, pid, "task", pid), { recursive: true });
    writeFileSync(
      join(root, pid, "stat"),
      `${pid} (a b) c) S 1 2 3 4 5 6 7 8 9 10 ${ticks.join(" ")} 20 0 1 0 99 0 0`,
    );
    writeFileSync(join(root, pid, "status"), `Name:\tab\nVmHWM:\t9999 kB\nVmRSS:\t  ${kb} kB\n`);
    writeFileSync(join(root, pid, "task", pid, "children"), children);
  }
  return root;
}

describe("how long a process has waited for a CPU", () => {
  it("is that of its busiest thread, in milliseconds", () => {
    const root = proc({ 10: { ticks: [0, 0, 0, 0], kb: 1, children: "" } });
    mkdirSync(join(root, "10", "task", "11"));
    writeFileSync(join(root, "10", "task", "10", "schedstat"), "9000000 2500000 7\n");
    writeFileSync(join(root, "10", "task", "11", "schedstat"), "1000000 500000 7\n");
    expect(cpuWaitMs(10, root)).toBe(2.5);
  });

  it("is unknown where the kernel does not count it, and without a process", () => {
    const root = proc({ 10: { ticks: [0, 0, 0, 0], kb: 1, children: "" } });
    expect(cpuWaitMs(10, root)).toBeUndefined();
    expect(cpuWaitMs(11, root)).toBeUndefined();
  });
});

describe("the usage of a process", () => {
  it("is user and system time, its own and that of children it has waited for", () => {
    const root = proc({ 10: { ticks: [1, 2, 3, 4], kb: 5, children: "" } });
    expect(processUsage(10, root)).toEqual({ cpuUs: 100_000, residentBytes: 5120 });
  });

  it("includes living descendants of every degree", () => {
    const root = proc({
      10: { ticks: [1, 0, 0, 0], kb: 1, children: "11 12 " },
      11: { ticks: [0, 10, 0, 0], kb: 2, children: "13 " },
      12: { ticks: [0, 0, 0, 0], kb: 4, children: "" },
      13: { ticks: [100, 0, 0, 0], kb: 8, children: "99 " },
    });
    expect(processUsage(10, root)).toEqual({ cpuUs: 1_110_000, residentBytes: 15 * 1024 });
  });

  it("is unknown where there is no such process", () => {
    expect(processUsage(1, proc({}))).toBeUndefined();
  });

  // Needs a process of its own: what the children of other tests have used counts, too.
  it.runIf(process.platform === "linux")("of this process agrees with what Node says", () => {
    const usage = processUsage(process.pid);
    const { user, system } = process.cpuUsage();
    expect(Math.abs((usage?.cpuUs ?? 0) - user - system)).toBeLessThan(1_000_000);
    expect(usage?.residentBytes).toBeGreaterThan(10_000_000);
  });
});
