import { NO_BYTES } from "./bytes.js";

let target: Uint8Array = NO_BYTES;
let view: DataView | undefined;

/**
 * A view of `bytes` when they are asked for twice in a row, as the slab is that packets are encoded
 * into one behind the other; `undefined` otherwise, for making one costs more than it saves once.
 *
 * Keeps the last target alive until there is another one.
 */
export function targetView(bytes: Uint8Array): DataView | undefined {
  if (bytes === target) {
    view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  } else {
    target = bytes;
    view = undefined;
  }
  return view;
}
