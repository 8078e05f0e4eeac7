import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Of each package that is published; the page of a package shows its README. */
const packages = ["", ...readdirSync(join(root, "packages")).map((name) => `packages/${name}`)];
/** What is made, or fetched. */
const NOT_OURS = new Set(["node_modules", "dist", "dist-bench", "coverage", ".cache", ".git"]);
/** How pages of packages link to what is not in them. */
const IN_REPOSITORY = "https://github.com/beeline-mqtt/beeline/blob/main/";
const notes = pagesIn("");

it.each(notes)("%s links to files and headings that are there", (note) => {
  const text = readFileSync(join(root, note), "utf8");
  const code = /^```.*?^```$/gms;
  const links = [...text.replaceAll(code, "").matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, link]) => link as string,
  );
  const ours = links
    .filter((link) => !/^https?:/.test(link) || link.startsWith(IN_REPOSITORY))
    // As if it were written from the root.
    .map((link) => link.replace(IN_REPOSITORY, "../".repeat(note.split("/").length - 1)));
  expect(ours.filter((link) => !leadsSomewhere(link, note))).toEqual([]);
});

it.each(packages)("the page of package %j knows where its links lead", (folder) => {
  const text = readFileSync(join(root, folder, "package.json"), "utf8");
  const { keywords, homepage, bugs, repository } = JSON.parse(text);
  const home = "https://github.com/beeline-mqtt/beeline";
  expect({ homepage, bugs, repository }).toEqual({
    homepage: folder === "" ? `${home}#readme` : `${home}/tree/main/${folder}#readme`,
    bugs: `${home}/issues`,
    // Relative links are taken from here.
    repository: {
      type: "git",
      url: `git+${home}.git`,
      ...(folder !== "" && { directory: folder }),
    },
  });
  expect(keywords).toContain("mqtt");
});

/** Every page of the repository, wherever it lies. */
function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pagesIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

function leadsSomewhere(link: string, from: string): boolean {
  const [path, heading] = link.split("#") as [string, string | undefined];
  const file = path === "" ? join(root, from) : join(root, dirname(from), path);
  if (!existsSync(file)) return false;
  return heading === undefined || !file.endsWith(".md") || headingsOf(file).includes(heading);
}

/** The names that a reader's browser gives to the headings of a note. */
function headingsOf(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, "").toLowerCase())
    .map((title) => title.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}
