/**
 * `npm run openapi`: writes docs/openapi.json, the OpenAPI document of the admin API, from the schemas that
 * requests are held to, and docs/http-api.md from that. `-- --check` only says whether they are up to date;
 * exit code 1 when not.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpApiPage } from "./http-api-page.mjs";
import { fail, prepare, root } from "./prepare.mjs";

const mode = process.argv[2] ?? "--write";
if (!["--write", "--check"].includes(mode)) fail(`unknown flag ${mode}`);
prepare({ devDependencies: false });
const { API, api } = await import("../dist/admin/api.js");
const { openApiDocument } = await import("../dist/admin/openapi.js");

const nothing = {}; // no request comes
const app = api({ signIn: nothing, source: nothing, isStopping: () => false });
const document = openApiDocument(app, API);
const files = {
  "openapi.json": `${JSON.stringify(document, null, 2)}\n`,
  "http-api.md": httpApiPage(document),
};
for (const [name, text] of Object.entries(files)) {
  const file = join(root, "docs", name);
  if (mode === "--write") writeFileSync(file, text);
  else if (readIfPresent(file) !== text) fail(`docs/${name} is out of date: npm run openapi`);
}

function readIfPresent(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
