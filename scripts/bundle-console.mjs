/**
 * Bundles the console, the page of the admin listener, into `dist/console`: one script, one style
 * sheet, the page, and the licences of what is in the script.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "./prepare.mjs";

const from = join(root, "src/console");
const to = join(root, "dist/console");
const LIBRARIES = ["preact", "uplot"];

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
buildSync({
  entryPoints: {
    console: join(from, "main.tsx"),
    style: join(from, "style/style.css"),
  },
  outdir: to,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none", // they stand in licences.txt, whole
  logLevel: "warning",
});
copyFileSync(join(from, "index.html"), join(to, "index.html"));
const licences = LIBRARIES.map((name) => {
  const text = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8");
  return `${name}\n\n${text.trim()}\n`;
});
writeFileSync(join(to, "licences.txt"), licences.join("\n\n"));
