import { join } from "node:path";
import { type BuildOptions, buildSync } from "esbuild";

const root = join(import.meta.dirname, "..", "..");

/**
 * The published codec entry as a browser gets it: one script, nothing of Node in it. A module that
 * asks for `node:*`, or for a package, does not bundle.
 *
 * @param contents - The script to bundle; it sees the codec as `./src/codec/index.js`.
 * @param options - What differs from a readable script that sets `beeline`.
 */
export function bundleCodec(
  contents = `export * from "./src/codec/index.js";`,
  options: BuildOptions = {},
): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "beeline",
    target: "es2022",
    logLevel: "silent",
    ...options,
  });
  const file = outputFiles?.[0];
  if (file === undefined) throw new Error("esbuild made no file");
  return file.text;
}
