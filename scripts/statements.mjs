/**
 * `npm run statements`: from each normative statement of MQTT 3.1.1 to the line that enforces it
 * and to the tests that name it.
 *
 *     npm run statements              writes spec-notes/statements.md
 *     npm run statements -- --gaps    only says what is missing; exit code 1 when something is
 *     npm run statements -- --check   the same, and that statements.md is up to date
 *
 * The list is spec-notes/statements.csv. A test names a statement by its number in its title; the
 * file that enforces one cites its number in a comment. Server statements that still lack a test
 * or a citation stand in spec-notes/untested-statements.txt and uncited-statements.txt: writing
 * takes those off that no longer do, and nothing ever puts one on.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { parse } from "csv-parse/sync";
import { fail, filesBelow, root, runTool } from "./prepare.mjs";

const STATEMENT = /MQTT-\d+\.\d+\.\d+-\d+/g;
const COMMENT = /^\s*\*.*|\/\*.*|\/\/.*/;

const mode = process.argv[2] ?? "--write";
if (!["--write", "--check", "--gaps"].includes(mode)) fail(`unknown flag ${mode}`);
process.exitCode = main();

function main() {
  const citations = citationsInSource();
  const titles = statementsInTestTitles();
  const statements = readStatements().map((statement) => ({
    ...statement,
    citations: (citations.get(statement.id) ?? []).filter(({ file }) =>
      statement.files.includes(file),
    ),
    tests: titles.get(statement.id) ?? new Map(),
  }));
  const server = statements.filter(({ binds }) => binds !== "client");
  const untested = server.filter(({ tests }) => tests.size === 0);
  const uncited = server.filter(({ citations, reason }) => citations.length === 0 && reason === "");
  const problems = [
    ...unknownNumbers(statements, citations, titles),
    ...missing("untested", untested, "no test has its number in the title"),
    ...missing("uncited", uncited, "no comment of the file that enforces it has its number"),
  ];
  const table = join(root, "spec-notes", "statements.md");
  const markdown = render(statements);
  if (mode === "--write") writeFileSync(table, markdown);
  if (mode === "--check" && withoutCounts(readIfPresent(table)) !== withoutCounts(markdown)) {
    problems.push("spec-notes/statements.md is out of date: npm run statements");
  }
  for (const problem of problems) console.log(problem);
  console.log(`${server.length - uncited.length}/${server.length} server statements cited in src`);
  console.log(`${server.length - untested.length}/${server.length} server statements tested`);
  return problems.length > 0 ? 1 : 0;
}

/**
 * What is wrong with the list of open statements of one kind. A statement that is met is taken off
 * the list when writing, and a problem otherwise: the list only ever shrinks.
 */
/** Lines move and tests are added with every change: the table is stale when files have changed. */
function withoutCounts(markdown) {
  return markdown?.replace(/(?<=\.ts):\d+(?=])|#L\d+|\(\d+\)/g, "");
}

function missing(kind, lacking, sentence) {
  const name = `spec-notes/${kind}-statements.txt`;
  const lines = readIfPresent(join(root, name)).split("\n");
  const open = new Set(lines.filter((line) => line !== "" && !line.startsWith("#")));
  const ids = new Set(lacking.map(({ id }) => id));
  const problems = [...ids].filter((id) => !open.has(id)).map((id) => `${id}: ${sentence}`);
  const met = [...open].filter((id) => !ids.has(id));
  if (met.length > 0 && mode === "--write") {
    writeFileSync(join(root, name), lines.filter((line) => !met.includes(line)).join("\n"));
  } else {
    for (const id of met) problems.push(`${id}: met, but still in ${name}: npm run statements`);
  }
  return problems;
}

function unknownNumbers(statements, citations, titles) {
  const known = new Set(statements.map(({ id }) => id));
  const named = [...citations.keys(), ...titles.keys()].filter((id) => !known.has(id));
  return [...new Set(named)].map(
    (id) => `${id}: named in src or test, but the standard has none such`,
  );
}

/** The rows of statements.csv; `files` is empty for a statement that no file of ours can enforce. */
function readStatements() {
  const csv = readFileSync(join(root, "spec-notes", "statements.csv"), "utf8");
  return parse(csv, { columns: true }).map((row) => {
    const reason = /^n\/a: (.+)$/.exec(row.enforced_by)?.[1] ?? "";
    return { ...row, reason, files: reason === "" ? row.enforced_by.split(" ") : [] };
  });
}

/** Where comments of `src` name a statement: its number -> file and line, in order. */
function citationsInSource() {
  const citations = new Map();
  for (const path of filesBelow(join(root, "src")).filter((file) => file.endsWith(".ts"))) {
    const file = `src/${path}`;
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    lines.forEach((text, index) => {
      const comment = COMMENT.exec(text)?.[0] ?? "";
      for (const [id] of comment.matchAll(STATEMENT)) {
        citations.set(id, [...(citations.get(id) ?? []), { file, line: index + 1 }]);
      }
    });
  }
  return citations;
}

/**
 * Which tests name a statement in their title: its number -> test file -> how many. vitest collects
 * the titles without running a test, so those made in a loop count and skipped ones do not.
 */
function statementsInTestTitles() {
  const folder = mkdtempSync(join(tmpdir(), "beeline-statements-"));
  const output = join(folder, "titles.json");
  // Reading titles needs no file kept apart from the others, and takes a fifth of the time so.
  const args = ["list", "--pool=threads", "--no-isolate", `--json=${output}`];
  const code = runTool("vitest/vitest.mjs", args, { stdio: ["ignore", 2, 2] });
  if (code !== 0) fail("vitest cannot collect the tests, see above");
  const tests = JSON.parse(readFileSync(output, "utf8"));
  rmSync(folder, { recursive: true });
  const titles = new Map();
  for (const { name, file } of tests) {
    const path = relative(root, file).replaceAll("\\", "/");
    for (const id of new Set(name.match(STATEMENT))) {
      const counts = titles.get(id) ?? new Map();
      titles.set(id, counts.set(path, (counts.get(path) ?? 0) + 1));
    }
  }
  return titles;
}

function render(statements) {
  const rows = statements.map(({ id, binds, paraphrase, ...found }) =>
    [id, binds, paraphrase, enforcedBy(found), testedBy(found)].join(" | "),
  );
  return `# The normative statements of MQTT 3.1.1

Generated from statements.csv, the comments of \`src\` and the titles of the tests by
\`npm run statements\`: do not edit. The paraphrases are ours, the numbers are the standard's.
"codec", "server" and "both" bind a server, "client" does not. A figure in brackets is the number of
tests in that file whose title names the statement.

| statement | binds | what it says | enforced by | tested by |
|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join("\n")}
`;
}

function enforcedBy({ citations, files, reason }) {
  if (reason !== "") return reason;
  const first = files.map((file) => citations.find((citation) => citation.file === file));
  return first
    .map((citation, index) =>
      citation === undefined
        ? `${files[index]} (not cited yet)`
        : `[${citation.file.slice("src/".length)}:${citation.line}](../${citation.file}#L${citation.line})`,
    )
    .join("<br>");
}

function testedBy({ tests }) {
  const files = [...tests].sort(([left], [right]) => (left < right ? -1 : 1));
  return files.map(([file, count]) => `[${basename(file)}](../${file}) (${count})`).join("<br>");
}

function readIfPresent(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
