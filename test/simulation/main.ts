import { writeFileSync } from "node:fs";
import { ProgramFlags } from "../support/program-flags.js";
import { CLUSTER_PROFILES, type ClusterProfile } from "./cluster/cluster-profiles.js";
import { simulateCluster } from "./cluster/cluster-run.js";
import type { Plan, Profile } from "./profiles.js";
import { PROFILES, planOf } from "./profiles.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulation.js";

/** `npm run simulate`: seeds under profiles, and one seed again with its trace. */
const NAMES = [...PROFILES, ...(Object.keys(CLUSTER_PROFILES) as ClusterProfile[])];
const flags = new ProgramFlags(
  `npm run simulate -- --seeds A..B [--profile ${NAMES.join("|")}] [--trace] [--first] [--json FILE] [--plan JSON]`,
  {
    seeds: { type: "string", default: "1..100" },
    profile: { type: "string", multiple: true },
    plan: { type: "string", default: "{}" },
    trace: { type: "boolean", default: false },
    json: { type: "string" },
    first: { type: "boolean", default: false }, // stops at the first failure
  },
);
const { values } = flags;
const [first = 1, last = first] = values.seeds.split("..").map(Number);
const profiles = NAMES.filter((name) => values.profile?.includes(name) ?? true);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
  flags.wrong("--seeds is a whole number, or two as in 1..100");
}
const unknown = values.profile?.find((name) => !NAMES.some((known) => known === name));
if (unknown !== undefined) flags.wrong(`there is no profile ${unknown}`);
const changes = JSON.parse(values.plan) as Partial<Plan>; // printed by a failing run
const totals = { runs: 0, failed: 0, virtualMs: 0, messages: 0, deliveries: 0, faults: 0 };
const failures: { profile: Profile | ClusterProfile; seed: number; problem: string }[] = [];
const startMs = performance.now();
const startCpu = process.cpuUsage();
let toldMs = startMs;
for (let seed = first; seed <= last && failures.length < (values.first ? 1 : 5); seed += 1) {
  for (const profile of profiles) run(seed, profile);
  if (performance.now() - toldMs < 1_000 && seed < last) continue;
  toldMs = performance.now();
  if (process.stderr.isTTY) process.stderr.write(`\rseed ${seed}, ${totals.failed} failed `);
}
const seconds = (performance.now() - startMs) / 1_000;
const { user, system } = process.cpuUsage(startCpu);
const cpuSeconds = (user + system) / 1e6;
console.log(
  `${totals.runs} runs in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time), ${totals.failed} failed: ${totals.messages} messages, ` +
    `${totals.deliveries} deliveries, ${totals.faults} faults, ` +
    `${(totals.virtualMs / 3_600_000).toFixed(1)} virtual hours (${Math.round(totals.virtualMs / cpuSeconds / 1_000)} times processor time)`,
);
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    JSON.stringify({
      first,
      last,
      profiles: profiles.length,
      ...totals,
      seconds,
      cpuSeconds,
      failures,
    }),
  );
}
process.exitCode = totals.failed === 0 ? 0 : 1;

function run(seed: number, profile: Profile | ClusterProfile): void {
  if (profile in CLUSTER_PROFILES) runCluster(seed, profile as ClusterProfile);
  else runOne(seed, profile as Profile);
}

/** Many nodes: the seed alone makes it again. */
function runCluster(seed: number, profile: ClusterProfile): void {
  const { problems, virtualMs, published, received, faults } = simulateCluster(seed, profile);
  totals.runs += 1;
  totals.virtualMs += virtualMs;
  totals.messages += published;
  totals.deliveries += received;
  totals.faults += faults;
  const [problem] = problems;
  if (problem === undefined) return;
  totals.failed += 1;
  failures.push({ profile, seed, problem });
  console.log(`\nseed ${seed}, ${profile}: ${problems.join("\n  ")}`);
}

function runOne(seed: number, profile: Profile): void {
  const outcome = simulate(seed, profile, changes, values.trace);
  totals.runs += 1;
  totals.virtualMs += outcome.virtualMs;
  totals.messages += outcome.messages;
  totals.deliveries += outcome.deliveries;
  totals.faults += outcome.faults;
  if (values.trace) for (const line of outcome.trace) console.log(line);
  const [problem] = outcome.problems;
  if (problem === undefined) return;
  totals.failed += 1;
  failures.push({ profile, seed, problem });
  console.log(`\nseed ${seed}, ${profile}: ${outcome.problems.join("\n  ")}`);
  if (values.trace || values.json !== undefined) return;
  const smaller = shrink(
    { ...planOf(seed, profile), ...changes },
    (plan) => simulate(seed, profile, plan).problems.length > 0,
  );
  console.log(
    `  again: npm run simulate -- --seeds ${seed} --profile ${profile} --trace --plan '${JSON.stringify(smaller)}'`,
  );
}
