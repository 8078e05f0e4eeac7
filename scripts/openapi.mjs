/**
 * `npm run openapi`: writes docs/openapi.json, the OpenAPI document of the admin API, from the schemas
 * that requests are held to. `-- --check` only says whether it is up to date; exit code 1 when not.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, prepare, root } from "./prepare.mjs";

const mode = process.argv[2] ?? "--write";
if (!["--write", "--check"].includes(mode)) fail(`unknown flag ${mode}`);
prepare({ devDependencies: false });
const { API, api } = await import("../dist/admin/api.js");
const { openApiDocument } = await import("../dist/admin/openapi.js");

const file = join(root, "docs", "openapi.json");
const nothing = {}; // no request comes
const app = api({ signIn: nothing, source: nothing, isStopping: () => false });
const text = `${JSON.stringify(openApiDocument(app, API), null, 2)}\n`;
if (mode === "--write") writeFileSync(file, text);
else if (readIfPresent() !== text) fail("docs/openapi.json is out of date: npm run openapi");

function readIfPresent() {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
