/**
 * `node scripts/conformance-page.mjs`: writes docs/conformance.md from the tables that `npm run conformance` has
 * made, this broker beside others. `--check` only says whether it is up to date; exit code 1 when not.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const pageFile = join(root, "docs", "conformance.md");

const BROKERS = ["beeline", "mosquitto", "nats", "aedes"];

/** The page, in Markdown. */
export function conformancePage() {
  const tables = BROKERS.map(tableOf);
  const [ours] = tables;
  const ids = [...ours.statements.keys()];
  const differing = ids.filter((id) =>
    tables.some(({ statements }) => statements.get(id)?.result === "fail"),
  );
  const agreeing = ids.length - differing.length;
  return `# Conformance: the standard, statement by statement

MQTT 3.1.1 has ${ids.length} numbered statements that bind a server. \`beeline conformance\` sends real packets to any broker and reports by statement what it obeys; here is what it found
of four. Yours takes two minutes:

\`\`\`bash
beeline start --memory --no-admin
\`\`\`

\`\`\`bash
beeline conformance --port 1883 --section retain
\`\`\`

\`\`\`text
0 fail
\`\`\`

Without \`--section\` it tries everything. \`npm run conformance\`, in a clone, makes the tables anew that this page is made from.

| | ${tables.map(({ title }) => title).join(" | ")} |
|---|${tables.map(() => "--:").join("|")}|
| statements obeyed | ${tables.map(({ counts }) => counts.pass).join(" | ")} |
| broken | ${tables.map(({ counts }) => counts.fail).join(" | ")} |
| not observable from outside, or not told | ${tables.map(({ counts }) => counts.hidden).join(" | ")} |
| everything, with failed cases | ${BROKERS.map((name) => `[table](../spec-notes/conformance-${name}.md)`).join(" | ")} |

Measured on ${[...new Set(tables.map(({ date }) => date))].join(" and ")}; each table says how its broker was set up. Where the standard leaves a choice, ours is
[written down with its reason](../spec-notes/decisions.md), and nobody else is measured by it.

## Statements that one of them breaks

The other ${agreeing} are broken by none of the four.

| statement | ${tables.map(({ title }) => title.split(" ")[0]).join(" | ")} | says |
|---|${tables.map(() => ":-:").join("|")}|---|
${differing.map((id) => rowOf(id, tables)).join("\n")}

## Nearer to the code

Each statement has the line that obeys it and the tests that cite it: [statements](../spec-notes/statements.md). A statement without either fails the build. ${ours.counts.hidden} of ours
cannot be observed from outside; tests inside the process hold them.
`;
}

/** How many statements a broker obeys, breaks and does not show: as text. */
export function countsOf(name) {
  return tableOf(name).counts;
}

/** One table of spec-notes. */
function tableOf(name) {
  const text = readFileSync(join(root, "spec-notes", `conformance-${name}.md`), "utf8");
  const [, title] = /^# .*: (.*)$/m.exec(text);
  const [, date] = /^Measured on (\S+)\./m.exec(text);
  const [, pass, fail, hidden] = /^statements +(\d+) pass, (\d+) fail, (\d+) not observable/m.exec(
    text,
  );
  const rows = text.matchAll(
    /^\| (MQTT-[\d.-]+) \| (pass|fail|not observable) \| \S+ \| (.*) \|$/gm,
  );
  const statements = new Map([...rows].map(([, id, result, says]) => [id, { result, says }]));
  return { title, date, counts: { pass, fail, hidden }, statements };
}

const MARKS = { pass: "yes", fail: "**no**", "not observable": "?" };

function rowOf(id, tables) {
  const marks = tables.map(({ statements }) => MARKS[statements.get(id)?.result] ?? "?");
  const said = tables
    .map(({ statements }) => statements.get(id))
    .find(({ result }) => result !== "not observable");
  return `| ${id} | ${marks.join(" | ")} | ${said?.says ?? ""} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = conformancePage();
  if (process.argv[2] !== "--check") writeFileSync(pageFile, text);
  else if (readFileSync(pageFile, "utf8") !== text) {
    console.error("docs/conformance.md is out of date: node scripts/conformance-page.mjs");
    process.exitCode = 1;
  }
}
