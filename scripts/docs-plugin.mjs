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
const OWN = /^(docs\/.*\.(md|json)|.*\.(svg|png))$/;

const groups = groupsOf(readFileSync(join(docs, "README.md"), "utf8"));

/** Called by TypeDoc. */
export function load(app) {
  const files = new Map();
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const file = fileOf(page.name);
    files.set(page, file);
    const [, title] = /^# (.*)$/m.exec(page.content[0].text);
    page.name = title.replaceAll("`", "");
    page.frontmatter.group = groups.get(file) ?? "Recipes";
    for (const part of page.content) toRepository(part, dirname(file));
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const part of project.readme ?? []) toRepository(part, "docs");
    const order = [...groups.keys()]; // what is not in it comes first: recipes, a group of their own
    const placeOf = (page) => order.indexOf(files.get(page));
    for (const list of [project.documents, project.childrenIncludingDocuments]) {
      list?.sort((one, other) => placeOf(one) - placeOf(other));
    }
  });
}

/** A page's file, from the root of the repository. */
function fileOf(name) {
  const names = [`recipes/${name}.md`, `${name}.md`];
  return relative(
    root,
    names.map((one) => join(docs, one)).find((path) => existsSync(path)),
  );
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
