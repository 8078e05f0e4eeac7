import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CLUSTER_MUTANTS } from "./cluster/cluster-mutants.js";
import { MUTANTS } from "./mutants.js";

/** `mutants.slow` and `cluster-mutants.slow` need minutes; that a patch fits no more is known at once. */
it.each([...MUTANTS, ...CLUSTER_MUTANTS])(
  "the fault $name can be put into $file",
  ({ file, from }) => {
    const program = readFileSync(new URL(`../../dist/${file}`, import.meta.url), "utf8");
    expect(program.split(from)).toHaveLength(2);
  },
);
