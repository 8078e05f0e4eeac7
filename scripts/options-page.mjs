/**
 * `npm run options`: writes docs/options.md from the option table. `-- --check` only says whether
 * the page is up to date; exit code 1 when it is not.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, prepare, root } from "./prepare.mjs";

const mode = process.argv[2] ?? "--write";
if (!["--write", "--check"].includes(mode)) fail(`unknown flag ${mode}`);
prepare({ devDependencies: false });
const { OPTIONS } = await import("../dist/server/option-table.js");
const { defaultText } = await import("../dist/server/option-text.js");
const { allowedFor } = await import("../dist/options/check.js");

const file = join(root, "docs", "options.md");
const page = rendered();
if (mode === "--write") {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page);
} else if (readIfPresent(file) !== page) {
  fail("docs/options.md is out of date: npm run options");
}

function rendered() {
  const headings = [...new Set(OPTIONS.map(({ heading }) => heading))];
  return `# Options

Generated from the option table by \`npm run options\`: do not edit.

Every option has one name. On the command line it is a flag of \`beeline start\`; where the last
column says so, \`createBroker\` takes it too, under the name in the first column:
\`createBroker({ limits: { queueMessagesMax: 500 } })\`. Every switch has an opposite:
\`--memory\` and \`--no-memory\`, \`--mqtt31\` and \`--no-mqtt31\`. A change takes a restart.
${headings.map(section).join("")}`;
}

function section(heading) {
  const rows = OPTIONS.filter((option) => option.heading === heading).map(line);
  return `
## ${heading}

| name | flag | what it does | allowed | default | library |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function line({ path, flag, isLibrary, row }) {
  const allowed = row.kind === "switch" ? "on, off" : allowedFor(row);
  const several = row.kind === "list" ? "a list of " : "";
  const unit = { bytes: ", in bytes", ms: ", in ms", s: ", in s" }[row.unit] ?? "";
  const cells = [
    `\`${path}\``,
    `\`${flag}\``,
    row.about,
    `${several}${allowed}${unit}`,
    defaultText(row),
    isLibrary ? "yes" : "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function readIfPresent(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
