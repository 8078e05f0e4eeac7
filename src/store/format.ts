import { metaKey } from "./keys.js";

/**
 * What the records of a store look like. Another number is another layout. [J09]
 *
 * 1: each record has a checksum over its bytes alone, each delivery has its message in itself.
 * 2: the checksum covers the key too, large messages are kept once, queues are counted; a delivery
 *    may name the share it came by, a Session that it is a bridge's, a retained message its author.
 */
export const FORMAT = 2;

/**
 * Where the number stands. This record keeps the checksum of format 1, over its bytes alone, so that
 * every version can read which one it is.
 */
export const FORMAT_KEY = metaKey("format");
