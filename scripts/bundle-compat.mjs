/**
 * Makes what `require("beeline-mqtt/mqtt-packet")` loads from what `tsc` has built: one CommonJS file
 * without dependencies, its types, and the same again as the package `beeline-mqtt-packet`, which
 * npm can put in the place of `mqtt-packet` (see packages/mqtt-packet/README.md).
 *
 * Part of `npm run build`.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "./prepare.mjs";

const compat = join(root, "dist", "compat");
const standalone = join(root, "packages", "mqtt-packet");
const bundle = join(compat, "mqtt-packet.cjs");
const types = join(compat, "mqtt-packet.d.cts");

buildSync({
  entryPoints: [join(compat, "api.js")],
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  legalComments: "none",
  // Plain properties that can be replaced, and no mark of a module, as in the original.
  footer: { js: "module.exports = { ...module.exports };" },
  outfile: bundle,
});
writeFileSync(
  types,
  `${readFileSync(join(compat, "packet-types.d.ts"), "utf8").replace(/\/\/# source.*\n?/, "")}
export declare function parser(options?: object | null): Parser;
export declare function generate(packet: Packet, options?: object | null): Buffer;
export declare const writeToStream: WriteToStream;
`,
);
copyFileSync(bundle, join(standalone, "index.cjs"));
copyFileSync(types, join(standalone, "index.d.ts"));
copyFileSync(join(root, "LICENSE"), join(standalone, "LICENSE"));
