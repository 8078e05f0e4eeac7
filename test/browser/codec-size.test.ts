import { gzipSync } from "node:zlib";
import type { BuildOptions } from "esbuild";
import { minify } from "terser";
import { expect, it } from "vitest";
import { bundleCodec } from "./bundle.js";

// Was 10 KiB. The room is for packets to be sent in short, names of packet types, and one table of
// violations instead of two.
const GZIP_BYTES_MAX = 12 * 1024;

const MODULE: BuildOptions = { format: "esm", minify: true };

/** As a web application ships it: through a bundler's minifier and terser. */
async function minified(contents?: string): Promise<string> {
  const { code } = await minify(bundleCodec(contents, MODULE), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
  });
  if (code === undefined) throw new Error("terser made nothing");
  return code;
}

it(`the whole codec, minified and compressed, has at most ${GZIP_BYTES_MAX} bytes`, async () => {
  const code = await minified();
  const compressed = gzipSync(code, { level: 9 });
  console.log(`codec entry: ${code.length} bytes minified, ${compressed.length} compressed`);
  expect(compressed.length).toBeLessThanOrEqual(GZIP_BYTES_MAX);
});

it("who imports one function gets no more than that", async () => {
  const one = `export { remainingLengthSize } from "./src/codec/index.js";`;
  expect((await minified(one)).length).toBeLessThan(300);
});
