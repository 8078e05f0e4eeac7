/**
 * `npm run options`: writes docs/options.md and docs/beeline.schema.json from the option table.
 * `-- --check` only says whether they are up to date; exit code 1 when they are not.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, prepare, root } from "./prepare.mjs";

const mode = process.argv[2] ?? "--write";
if (!["--write", "--check"].includes(mode)) fail(`unknown flag ${mode}`);
prepare({ devDependencies: false });
const { OPTIONS } = await import("../dist/server/option-table.js");
const { defaultText } = await import("../dist/server/option-text.js");
const { expected } = await import("../dist/server/config/words.js");

const { jsonSchema } = await import("../dist/server/config/schema.js");

const files = {
  "options.md": rendered(),
  "beeline.schema.json": `${JSON.stringify(jsonSchema(), null, 2)}\n`,
};
for (const [name, text] of Object.entries(files)) {
  const file = join(root, "docs", name);
  if (mode === "--write") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (readIfPresent(file) !== text) {
    fail(`docs/${name} is out of date: npm run options`);
  }
}

function rendered() {
  const headings = [...new Set(OPTIONS.map(({ heading }) => heading))];
  return `# Options

Everything that can be set, with its flag, its variable, what is allowed and what holds by default.
Generated from the option table by \`npm run options\`: do not edit.

Every option has one name in three spellings: in the configuration file, as a flag of \`beeline start\`,
and as a variable of the environment. A flag is stronger than a variable, a variable than the file, the
file than the default. \`beeline start --print-config\` shows what holds and where it comes from,
\`beeline check\` tells everything that is wrong.

- The file is YAML or JSON: \`-c FILE\`, else \`beeline.yaml\` in the working folder if it is there.
  \`limits.queueMessagesMax\` is written \`limits: { queueMessagesMax: 500 }\`. Names of files and folders
  are meant from the folder of the file. Editors complete it with \`dist/beeline.schema.json\` of this package.
- A number may have a unit where it measures something: \`8 MiB\`, \`10 s\`, \`30 days\`.
- Every switch has an opposite flag: \`--memory\` and \`--no-memory\`, \`--mqtt31\` and \`--no-mqtt31\`. In a
  file and in a variable it is \`true\` or \`false\`.
- A list is separated by commas in a variable, or is JSON there: \`["a", "b"]\`. A list of maps is JSON.
- What has the note *live* is taken up by a reload: the signal HUP, \`beeline reload\`, or \`POST /api/v1/reload\`.
  Elsewhere it takes a restart, and the reload says so by name. These are live: ${live()}; and what the tables of
  \`listeners[]\` and \`credentials[]\` note. Files that options name (passwords, rules, keys, certificates) are read again
  by every reload, too. A reload takes up everything or, when something is wrong, nothing.
- A value that is *secret* is never shown and has no flag.
- For what has the note *library*, \`createBroker\` takes the same name: \`createBroker({ limits: { queueMessagesMax: 500 } })\`.
${headings.map(section).join("")}`;
}

function section(heading) {
  const options = OPTIONS.filter((option) => option.heading === heading);
  return `
## ${heading}

| in the file, as a flag, as a variable | what it does | allowed | default | notes |
|---|---|---|---|---|
${options.map(line).join("\n")}
${options.map(({ path, row }) => inside(path, row)).join("")}`;
}

function line({ path, flag, variable, isLibrary, row }) {
  return tableRow([
    // One below the other: three columns of long names leave no room for what is to be read.
    [path, flag, variable]
      .filter((name) => name !== undefined)
      .map(code)
      .join("<br>"),
    row.about,
    allowed(row),
    defaultText(row),
    notes(row, isLibrary),
  ]);
}

function notes({ live, secret }, isLibrary = false) {
  return [live && "live", secret && "secret", isLibrary && "library"].filter(Boolean).join(", ");
}

/** The options that a reload takes up, the limits as one. */
function live() {
  const isLimit = ({ path }) => path.startsWith("limits.");
  const names = OPTIONS.filter((option) => option.row.live && !isLimit(option));
  const limits = OPTIONS.filter(isLimit);
  const fixed = limits.filter(({ row }) => !row.live).map(({ path }) => ` but ${code(path)}`);
  return [`all of \`limits\`${fixed.join("")}`, ...names.map(({ path }) => code(path))].join(", ");
}

/** What stands in a group, in a list of groups, and in what is in there: a table each. */
function inside(path, row) {
  switch (row.kind) {
    case "group":
      return tableOf(`Each \`${path}\`:`, path, row.rows);
    case "items":
      return inside(`${path}[]`, row.of);
    case "union":
      return Object.entries(row.variants)
        .map(([name, { about, rows }]) =>
          tableOf(`\`${path}\` with \`${row.tag}: ${name}\`. ${about}`, path, rows),
        )
        .join("");
    default:
      return "";
  }
}

function tableOf(title, path, rows) {
  const entries = Object.entries(rows);
  if (entries.length === 0) return `\n${title}\n`;
  const lines = entries.map(([name, row]) =>
    tableRow([
      code(name),
      row.about,
      allowed(row),
      row.required === true ? "must be given" : defaultText(row),
      notes(row),
    ]),
  );
  return `
${title}

| name | what it does | allowed | default | notes |
|---|---|---|---|---|
${lines.join("\n")}
${entries.map(([name, row]) => inside(`${path}.${name}`, row)).join("")}`;
}

function allowed(row) {
  return row.kind === "switch" ? "on, off" : expected(row);
}

function code(text) {
  return `\`${text}\``;
}

function tableRow(cells) {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function readIfPresent(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
