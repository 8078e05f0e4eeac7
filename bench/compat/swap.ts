/**
 * Preloaded into a server (`node --import`): whoever imports `mqtt-packet` gets our drop-in, which is
 * the CommonJS file that the build makes.
 */
import { register } from "node:module";

const dropIn = new URL("../../dist/compat/mqtt-packet.cjs", import.meta.url).href;
const hooks = `export async function resolve(specifier, context, next) {
  if (specifier !== "mqtt-packet") return next(specifier, context);
  return { url: ${JSON.stringify(dropIn)}, format: "commonjs", shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
