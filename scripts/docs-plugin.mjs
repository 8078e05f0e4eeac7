/**
 * What TypeDoc needs to make a site of docs/: each page is called what its heading says, stands in the group that
 * docs/README.md puts it in, and its links to files that are no pages lead to the repository.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Converter } from "typedoc";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const docs = join(root, "docs");
const REPOSITORY = "https://github.com/beeline-mqtt/beeline/blob/main";
/** What the site holds itself: pages, and pictures. */
const OWN = /^(docs\/(?!options\.json).*\.md|.*\.(svg|png)|docs\/.*\.json)$/;

const groups = groupsOf(readFileSync(join(docs, "README.md"), "utf8"));

/** Called by TypeDoc. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const file = fileOf(page);
    const first = page.content[0];
    const [heading, title] = /^# (.*)\n+/.exec(first.text);
    page.name = title.replaceAll("`", "");
    first.text = first.text.slice(heading.length);
    page.frontmatter.group = groups.get(file) ?? "Recipes";
    for (const part of page.content) toRepository(part, dirname(file));
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const part of project.readme ?? []) toRepository(part, "docs");
  });

  /** The page's file, from the root of the repository. */
  function fileOf(page) {
    return relative(root, page.project.getReflectionSourcePath?.(page) ?? pathOf(page));
  }

  function pathOf(page) {
    const inDocs = [`${page.name}.md`, `recipes/${page.name}.md`].map((name) => join(docs, name));
    return inDocs.find((path) => existsSync(path));
  }
}

/** A link to what is not on the site becomes one to the repository. */
function toRepository(part, folder) {
  if (part.kind !== "relative-link") return;
  const [path, anchor] = part.text.split("#");
  const target = relative(root, join(root, folder, path));
  if (OWN.test(target)) return;
  if (!existsSync(join(root, target))) throw new Error(`${folder}: there is no ${path}`);
  const address = statSync(join(root, target)).isDirectory()
    ? REPOSITORY.replace("blob", "tree")
    : REPOSITORY;
  part.kind = "text";
  part.text = `${address}/${target}${anchor === undefined ? "" : `#${anchor}`}`;
  delete part.target;
}

/** From the tables of docs/README.md: the heading above each page's row. */
function groupsOf(text) {
  const found = new Map();
  let group = "";
  for (const line of text.split("\n")) {
    group = /^\| (to [a-z ]+) \| \|$/.exec(line)?.[1] ?? group;
    const [, page] = /^\| \[[^\]]+\]\(([^)]+\.md)\) /.exec(line) ?? [];
    if (page !== undefined) found.set(`docs/${page}`, group[0].toUpperCase() + group.slice(1));
  }
  return found;
}
