/**
 * Part of `npm run statements`: writes into the last column of spec-notes/attack-cases.md which tests name
 * each bad input. A row that no test names keeps its "not yet" and the reason behind it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, filesBelow, root } from "./prepare.mjs";

const ROW = /^(\| ([A-M]\d\d|T\d) \| .* \| .* \|) (.*) \|$/;
const page = join(root, "spec-notes", "attack-cases.md");

const found = testsByCase();
const lines = readFileSync(page, "utf8").split("\n");
const open = [];
const written = lines.map((line) => {
  const [, front, id, last] = ROW.exec(line) ?? [];
  if (id === undefined) return line;
  const files = found.get(id) ?? [];
  if (files.length > 0) return `${front} ${files.map(linkTo).join(", ")} |`;
  if (!last.startsWith("not yet: ")) fail(`${id} is not tested any more: say why in ${page}`);
  open.push(id);
  return line;
});
writeFileSync(page, written.join("\n"));
console.log(`${open.length} cases not tested yet: ${open.join(" ")}`);

/** The number of a case -> the test files that name it, in titles or in cases of the suite. */
function testsByCase() {
  const tests = new Map();
  const add = (id, file) => tests.set(id, [...new Set([...(tests.get(id) ?? []), file])].sort());
  for (const path of filesBelow(join(root, "test")).filter(isTest)) {
    const text = readFileSync(join(root, "test", path), "utf8");
    for (const [, id] of text.matchAll(/\[([A-M]\d\d|T\d)\]/g)) add(id, `test/${path}`);
  }
  const sections = join(root, "packages", "conformance", "src", "sections");
  for (const path of filesBelow(sections)) {
    const text = readFileSync(join(sections, path), "utf8");
    for (const [, id] of text.matchAll(/"([A-GI]\d\d)"/g)) {
      add(id, `test/conformance/sections/${basename(path, ".ts")}.test.ts`);
    }
  }
  return tests;
}

function isTest(file) {
  return file.endsWith(".test.ts");
}

function linkTo(file) {
  return `[${basename(file, ".test.ts").replace(/\.slow$/, "")}](../${file})`;
}
