import type { Attack } from "./room.js";
import { fanOut } from "./t1-fan-out.js";
import { subscribeLoop } from "./t2-subscribe-loop.js";
import { dearFilters } from "./t3-dear-filters.js";
import { equalLengths } from "./t4-equal-lengths.js";
import { largeMessage } from "./t5-large-message.js";
import { wills } from "./t6-wills.js";
import { filterBytes } from "./t7-filter-bytes.js";
import { oneVictim } from "./t8-one-victim.js";
import { retained } from "./t9-retained.js";

/** What one ordinary client can try against all others, in the order of the list. */
export const ATTACKS: readonly Attack[] = [
  ...[fanOut, subscribeLoop, dearFilters, equalLengths, largeMessage],
  ...[wills, filterBytes, oneVictim, retained],
];
