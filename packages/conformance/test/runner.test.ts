import { describe, expect, it } from "vitest";
import type { ConformanceCase, Section } from "../src/case.js";
import { NotObservable, Unmet } from "../src/outcome.js";
import { runCase, runSections } from "../src/runner.js";
import { ScriptedTarget } from "./scripted-target.js";

const target = new ScriptedTarget({});

function sectionOf(...cases: ConformanceCase[]): Section {
  return { name: "made-up", title: "Made up", cases };
}

function caseOf(title: string, run: ConformanceCase["run"], more = {}): ConformanceCase {
  return { title, proves: ["M1"], run, ...more };
}

describe("the runner", () => {
  it("passes, fails or cannot tell", async () => {
    const results = await runSections(
      target,
      [
        sectionOf(
          caseOf("good", async () => {}),
          caseOf("bad", async () => {
            throw new Unmet("got another");
          }),
          caseOf("unseen", async () => {
            throw new NotObservable("no auth");
          }),
          caseOf("refused", async () => {
            throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
          }),
          caseOf("buggy", async () => {
            throw new TypeError("of ours");
          }),
          caseOf("odd", () => Promise.reject("a string")),
        ),
      ],
      { concurrency: 2 },
    );
    const outcomes = results.map(({ case: one, outcome, detail }) => [
      one.title,
      outcome,
      detail.split("\n")[0],
    ]);
    expect(outcomes).toEqual([
      ["good", "pass", ""],
      ["bad", "fail", "got another"],
      ["unseen", "not observable", "no auth"],
      ["refused", "fail", "connect ECONNREFUSED"],
      ["buggy", "fail", "TypeError: of ours"],
      ["odd", "fail", "a string"],
    ]);
  });

  it("does not run a case that needs to be told more", async () => {
    const one = caseOf("auth", () => Promise.reject(new Error("ran")), { needs: ["window"] });
    const without = await runCase(target, sectionOf(one), one, "t");
    expect(without.outcome).toBe("not observable");
    const told = await runCase(target, sectionOf(one), one, "t", { window: 5 });
    expect(told.outcome).toBe("fail");
  });

  it("opens an innocent pair beside an attack: without one the attack fails", async () => {
    const one = { ...caseOf("attack", async () => {}), proves: ["A01"] as const };
    const { outcome, detail } = await runCase(target, sectionOf(one), one, "t");
    expect([outcome, detail]).toEqual(["fail", expect.stringContaining("CONNACK")]);
  });

  it("runs wide cases first and alone, then the quick ones, then all that wait together", async () => {
    const log: string[] = [];
    let running = 0;
    const logged = (title: string, more = {}) =>
      caseOf(
        title,
        async () => {
          running++;
          log.push(`${title} ${running}`);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
        more,
      );
    const slow = { lastsSeconds: 3 };
    const wide = { isWide: true };
    const cases = [
      logged("slow", slow),
      logged("quick"),
      logged("slow", slow),
      logged("quick"),
      logged("slow", slow),
      logged("wide", wide),
      logged("wide", wide),
    ];
    const ended: string[] = [];
    await runSections(target, [sectionOf(...cases)], {
      concurrency: 2,
      ended: (result) => ended.push(result.case.title),
    });
    expect(log).toEqual(["wide 1", "wide 1", "quick 1", "quick 2", "slow 1", "slow 2", "slow 3"]);
    expect(ended).toHaveLength(7);
  });

  it("gives every case a name of its own", async () => {
    const levels = new Set<string>();
    const cases = Array.from({ length: 50 }, (_, at) =>
      caseOf(`${at}`, async (lab) => void levels.add(lab.level)),
    );
    await runSections(target, [sectionOf(...cases)]);
    expect(levels.size).toBe(50);
  });
});
