import { subscribeLong } from "./long-filters.js";
import type { Attack } from "./room.js";

/** V8 hashes strings of more than 16,383 characters by their length alone. */
const FILTER_BYTES = 16_390;

/** All keys of a table in one chain: each look-up compares with all of them. */
export const equalLengths: Attack = {
  name: "T4",
  title: "6,000 filters of one length, over 16,383 characters",
  p99MsMax: 50,
  prepare: async () => undefined,
  run: (room) => subscribeLong(room, "attack-t4", room.scaled(6000), () => FILTER_BYTES),
};
