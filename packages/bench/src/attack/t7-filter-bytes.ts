import { subscribeLong } from "./long-filters.js";
import type { Attack } from "./room.js";

const BYTES_MIN = 17_000;
const BYTES_MAX = 65_000;

/** A bound on their number is none on their bytes: half a gigabyte for one client. */
export const filterBytes: Attack = {
  name: "T7",
  title: "one client subscribes to 12,000 filters of 17 to 65 kB",
  p99MsMax: 50,
  prepare: async () => undefined,
  run: (room) => {
    const count = room.scaled(12_000);
    return subscribeLong(room, "attack-t7", count, (n) =>
      Math.round(BYTES_MIN + ((BYTES_MAX - BYTES_MIN) * n) / count),
    );
  },
};
