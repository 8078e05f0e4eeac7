import { describe, expect, it } from "vitest";
import { WORKLOADS } from "../../../bench/brokers/workloads.js";
import { parseBenchArguments } from "../../../packages/bench/src/scenarios.js";

describe("the workloads", () => {
  it("are command lines that the generator understands, with ours addressed where it can be", () => {
    for (const { args, addressable, qos } of WORKLOADS) {
      const all = [...args, "--duration", "3", ...(addressable ? ["--p2p"] : [])];
      expect(parseBenchArguments(all)).toMatchObject({ qos, p2p: addressable });
    }
  });

  it("have names of their own, and titles that tell them apart", () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
    expect(new Set(WORKLOADS.map(({ title }) => title)).size).toBe(WORKLOADS.length);
  });
});
