/**
 * Writes two chapters of `bench/results/simulation.md`:
 *
 * `node scripts/simulation-report.mjs coverage`: which branches of the engine the 1,000 seeds of
 * `simulation.slow.test.ts` and those of `cluster/cluster.test.ts` reach, all other tests left out. Every branch they do not reach must have
 * its reason in `test/simulation/unreached.json`. With `--again` the last measurement is looked at again.
 *
 * `node scripts/simulation-report.mjs runs FOLDER`: adds up what `npm run simulate -- --json FOLDER/NAME.json`
 * has written there, run after run.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./prepare.mjs";

const ROOMS =
  "protocol,topic,codec,session,options,ports,state,sending,handling,viewing,broker,cluster";
const GOAL = 95;
const folder = join(root, ".cache", "simulation-coverage");
const reportFile = join(root, "bench", "results", "simulation.md");

const [, , command, runsFolder] = process.argv;
if (command === "coverage") coverage();
else if (command === "runs" && runsFolder !== undefined) runs();
else throw new Error("usage: node scripts/simulation-report.mjs coverage [--again] | runs FOLDER");

function coverage() {
  if (!process.argv.includes("--again")) measure();
  const { rooms: counts, unreached } = JSON.parse(readFileSync(join(folder, "branches.json")));
  const rooms = new Map(counts);
  const reasons = JSON.parse(readFileSync(join(root, "test/simulation/unreached.json"), "utf8"));
  const unexplained = [];
  const groups = new Map(reasons.map(({ reason }) => [reason, []]));
  for (const branch of unreached) {
    const found = reasons.find(({ places }) => places.some((place) => isAt(place, branch)));
    if (found === undefined) unexplained.push(branch);
    else groups.get(found.reason).push(branch);
  }
  write("coverage", chapter(rooms, unreached, groups));
  for (const { file, line, text } of unexplained) {
    console.error(`no reason: ${file}:${line} ${text}`);
  }
  const percent = percentOf(rooms.get("all"));
  const told = `${percent.toFixed(1)} % of the engine's branches`;
  console.log(`${told}, ${unexplained.length} of the others without a reason`);
  process.exitCode = unexplained.length > 0 || percent < GOAL ? 1 : 0;
}

/** One row for all: the files' figures added up. */
function runs() {
  const files = readdirSync(runsFolder).filter((name) => name.endsWith(".json"));
  const all = files.map((name) => JSON.parse(readFileSync(join(runsFolder, name), "utf8")));
  const sum = (key) => all.reduce((total, one) => total + one[key], 0);
  const [first, last] = [
    Math.min(...all.map((one) => one.first)),
    Math.max(...all.map((one) => one.last)),
  ];
  const row = [
    `${first}..${last}`,
    `all ${Math.max(...all.map(({ profiles }) => profiles))}`,
    ...["runs", "messages", "deliveries", "faults"].map((key) => sum(key).toLocaleString("en")),
    (sum("virtualMs") / 3_600_000).toFixed(1),
    Math.round(sum("virtualMs") / sum("cpuSeconds") / 1_000).toLocaleString("en"),
    sum("failed"),
  ];
  write("runs", `| ${row.join(" | ")} |`);
  console.log(row.join(" | "));
}

/** Runs the seeds under the coverage of V8. */
function measure() {
  const { status } = spawnSync(
    "npx",
    [
      ...["vitest", "run", "test/simulation/simulation.slow.test.ts"],
      ...["test/simulation/cluster/cluster.test.ts", "-t", "1,000 seeds|promises under cluster"],
      ...["--testTimeout", "1800000", "--coverage"],
      ...[`--coverage.include=src/{${ROOMS}}/**/*.ts`, "--coverage.all=false"],
      ...["--coverage.reporter=json", `--coverage.reportsDirectory=${folder}`],
      "--coverage.thresholds.perFile=false",
      "--coverage.reportOnFailure", // the bound of time is for a run without coverage
    ],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, CI: "" } },
  );
  if (status === null) process.exit(1); // else: thresholds of other folders, which do not count here
  const { rooms, unreached } = read(JSON.parse(readFileSync(join(folder, "coverage-final.json"))));
  writeFileSync(join(folder, "branches.json"), JSON.stringify({ rooms: [...rooms], unreached }));
}

/** Counts branches; of those that no seed reached, where they stand. */
function read(coverage) {
  const rooms = new Map([["all", [0, 0]]]);
  const unreached = [];
  for (const [path, { b: hits, branchMap }] of Object.entries(coverage)) {
    const file = relative(join(root, "src"), path);
    const [room] = file.split("/");
    const lines = readFileSync(path, "utf8").split("\n");
    for (const [id, counts] of Object.entries(hits)) {
      counts.forEach((count, at) => {
        for (const name of ["all", room]) {
          const [reached, all] = rooms.get(name) ?? [0, 0];
          rooms.set(name, [reached + (count > 0 ? 1 : 0), all + 1]);
        }
        if (count > 0) return;
        const { locations, loc, type } = branchMap[id];
        const line = locations[at].start?.line ?? loc.start.line;
        unreached.push({ file, line, type, at, text: lines[line - 1].trim() });
      });
    }
  }
  return { rooms, unreached };
}

/** A place is a file, or a file and some of the text of the line. */
function isAt(place, { file, text }) {
  const [where, ...what] = place.split(" | ");
  return file.startsWith(where) && text.includes(what.join(" | "));
}

function percentOf([reached, all]) {
  return (100 * reached) / all;
}

function chapter(rooms, unreached, groups) {
  const lines = ["| room | branches | reached |", "|---|---|---|"];
  for (const [room, [reached, all]] of [...rooms].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`| ${room} | ${all} | ${percentOf([reached, all]).toFixed(1)} % |`);
  }
  lines.push("", `Not reached, ${unreached.length} branches, by reason:`);
  for (const [reason, branches] of groups) {
    if (branches.length === 0) continue;
    lines.push("", `**${reason}** (${branches.length})`, "");
    const byFile = new Map();
    for (const { file, line } of branches) {
      byFile.set(file, new Set([...(byFile.get(file) ?? []), line]));
    }
    for (const [file, at] of byFile) {
      lines.push(`- \`${file}\`: ${[...at].sort((a, b) => a - b).join(", ")}`);
    }
  }
  return lines.join("\n");
}

/** Puts a chapter between its marks. */
function write(name, text) {
  const report = readFileSync(reportFile, "utf8");
  const [begin, end] = [`<!-- ${name}: written by a command -->`, `<!-- end of ${name} -->`];
  const [before, rest] = report.split(begin);
  const [, after] = rest.split(end);
  writeFileSync(reportFile, `${before}${begin}\n${text}\n${end}${after}`);
}
