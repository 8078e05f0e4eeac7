import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCorpus, saveInput, shrink } from "../reference/corpus.js";
import { hex } from "../support/wire.js";
import { fuzz } from "./fuzz.js";
import { InputMaker } from "./inputs.js";
import { Random } from "./random.js";

const silent = () => undefined;

describe("the fuzzer", () => {
  it("makes the same inputs from the same seed, and others from another", () => {
    const firstOf = (seed: number) => {
      const maker = new InputMaker(new Random(seed), []);
      return Array.from({ length: 200 }, () => {
        const { stream, options, cutAt } = maker.next();
        return [hex(stream), options, cutAt];
      });
    };
    expect(firstOf(5)).toEqual(firstOf(5));
    expect(firstOf(5)).not.toEqual(firstOf(6));
  });

  it("[A21] finds nothing in a moment, and sees nearly every violation in it", () => {
    const limits = { durationMs: Number.POSITIVE_INFINITY, inputsMax: 20_000 };
    const { inputs, verdicts, fault } = fuzz(new InputMaker(new Random(1), []), limits, silent);
    expect(fault).toBeUndefined();
    expect(inputs).toBe(20_000);
    expect(verdicts.size).toBeGreaterThan(20);
  });

  it("stops at a find, which can be made small, saved and read again", () => {
    const holdsX = (stream: Uint8Array) => (stream.includes(0x78) ? "it holds x" : undefined);
    const limits = { durationMs: Number.POSITIVE_INFINITY, inputsMax: 100_000 };
    const { fault } = fuzz(new InputMaker(new Random(2), []), limits, silent, {
      findFault: holdsX,
      findQuickFault: holdsX,
    });
    if (fault === undefined) expect.fail("nothing was found");
    const smallest = shrink(fault.stream, (shorter) => fault.repeats(shorter) !== undefined);
    expect(smallest).toEqual(Uint8Array.of(0x78));
    const folder = mkdtempSync(join(tmpdir(), "beeline-corpus-"));
    saveInput(folder, smallest, { sender: "client" }, "it holds\nx");
    const saved = readCorpus(folder);
    rmSync(folder, { recursive: true });
    expect(saved).toEqual([
      {
        name: expect.stringMatching(/^found-[0-9a-f]{12}\.hex$/),
        stream: Buffer.from("x"),
        options: { sender: "client" },
        verdict: undefined,
      },
    ]);
  });
});
