import type { NumberRow, Row } from "../options/row.js";

const KIB = 1024;
const SECOND_MS = 1_000;

/** Larger units, largest first: a number that is a whole multiple of one is easier to read so. */
const LARGER: Partial<
  Record<NumberRow["unit"], readonly (readonly [size: number, name: string])[]>
> = {
  bytes: [
    [KIB ** 3, "GiB"],
    [KIB ** 2, "MiB"],
    [KIB, "KiB"],
  ],
  ms: [
    [24 * 60 * 60 * SECOND_MS, "days"],
    [60 * SECOND_MS, "min"],
    [SECOND_MS, "s"],
  ],
};

/** What holds when nothing is given, for people: `1048576 (1 MiB)`, `on`, `every path`. */
export function defaultText(row: Row): string {
  if (row.default === undefined) return row.unset ?? "none";
  switch (row.kind) {
    case "number":
      return numberText(row.default, row.unit);
    case "switch":
      return row.default ? "on" : "off";
    case "list":
      return row.default.length === 0 ? (row.unset ?? "none") : row.default.join(", ");
    default:
      return row.default;
  }
}

function numberText(value: number, unit: NumberRow["unit"]): string {
  const larger = LARGER[unit]?.find(([size]) => value >= size && value % size === 0);
  return larger === undefined ? `${value}` : `${value} (${value / larger[0]} ${larger[1]})`;
}
