import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SECTIONS } from "beeline-conformance";
import { describe, expect, it } from "vitest";
import { WORKLOADS } from "../../bench/brokers/workloads.js";
import { snippetsOf } from "./page-run.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const page = read("CONTRIBUTING.md");
const scripts = Object.keys(JSON.parse(read("package.json")).scripts);

/** The commands of the page: those of its snippets, and those in its text. */
const commands = [
  ...snippetsOf(page).flatMap(({ text }) => text.trimEnd().split("\n")),
  ...[...page.matchAll(/`((?:npm|npx|node) [^`]+)`/g)].map(([, command = ""]) => command),
].map((line) => line.split(/ +#/)[0] ?? "");

const told = (pattern: RegExp): string[] => [
  ...new Set(commands.flatMap((line) => [...line.matchAll(pattern)].map(([, name = ""]) => name))),
];

describe("CONTRIBUTING.md", () => {
  it("names only scripts that exist, and every script that is for people", () => {
    const named = new Set(told(/^npm (?:run )?([a-z:-]+)/g));
    const builtIn = ["start", "test"];
    expect([...named].filter((name) => ![...scripts, ...builtIn].includes(name))).toEqual([]);
    const steps = /^(check:|code:|precheck|prepack)/; // of `npm run check`, and of npm
    const codeSteps = [...page.matchAll(/`(code:[a-z]+)`/g)].map(([, name]) => name);
    expect(codeSteps.filter((name) => !scripts.includes(name as string))).toEqual([]);
    expect(scripts.filter((name) => !steps.test(name) && !named.has(name))).toEqual([]);
    expect(scripts.filter((name) => name.startsWith("code:")).sort()).toEqual(
      [...codeSteps, ...told(/npm run (code:[a-z]+)/g)].sort(),
    );
  });

  it("names only files that exist, in text and in links", () => {
    const files = [
      ...told(/node (scripts\/\S+)/g),
      ...told(/vitest run (\S+)/g),
      ...[...page.matchAll(/`((?:test|src|docs|bench|packages|spec-notes)\/[^`* ]+)`/g)].map(
        ([, file = ""]) => file,
      ),
    ];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("names every benchmark, and only workloads, sections and tests that exist", () => {
    const sources = readdirSync(join(root, "bench"))
      .filter((name) => name.endsWith(".bench.ts"))
      .map((name) => name.replace(".bench.ts", ""));
    const programs =
      /PROGRAMS = \[(.*?)\]/.exec(read("scripts/bench.mjs"))?.[1]?.match(/\w+/g) ?? [];
    const row = page.split("\n").find((line) => line.includes("npm run bench -- NAME")) ?? "";
    const named = [...row.matchAll(/`([a-z]+)`/g)].map(([, name]) => name);
    expect(named.sort()).toEqual([...sources, ...programs].sort());
    for (const only of told(/--only (\S+)/g)) {
      expect(WORKLOADS.filter(({ name }) => name.startsWith(only))).not.toEqual([]);
    }
    for (const section of told(/--section (\S+)/g)) {
      expect(SECTIONS.filter(({ name }) => name.includes(section))).not.toEqual([]);
    }
    const [, file = "", number = ""] = /vitest run (\S+) -t '(\w+)'/.exec(page) ?? [];
    expect(read(file).includes(`[${number}]`)).toBe(true);
  });
});
