/**
 * `npm run code:entries`: whether every entry of the package has types that fit it, by `attw`. That packs the
 * package, and packing builds it anew: what is built already, and up to date, is taken as it is.
 */
import { prepare, runTool } from "./prepare.mjs";

prepare({ devDependencies: true });
process.exitCode = runTool(
  "@arethetypeswrong/cli/dist/index.js",
  ["--pack", ".", "--profile", "esm-only"],
  { env: { ...process.env, npm_config_ignore_scripts: "true" } },
);
