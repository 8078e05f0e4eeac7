import { gzipSync } from "node:zlib";
import type { BuildOptions } from "esbuild";
import { expect, it } from "vitest";
import { bundleCodec } from "./bundle.js";

const GZIP_BYTES_MAX = 10 * 1024;

const MINIFIED: BuildOptions = { minify: true, format: "esm" };

it(`the whole codec, minified and compressed, has at most ${GZIP_BYTES_MAX} bytes`, () => {
  const minified = bundleCodec(undefined, MINIFIED);
  const compressed = gzipSync(minified, { level: 9 });
  console.log(`codec entry: ${minified.length} bytes minified, ${compressed.length} compressed`);
  expect(compressed.length).toBeLessThanOrEqual(GZIP_BYTES_MAX);
});

it("who imports one function gets no more than that", () => {
  const one = `export { remainingLengthSize } from "./src/codec/index.js";`;
  expect(bundleCodec(one, MINIFIED).length).toBeLessThan(300);
});
