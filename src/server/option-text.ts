import type { NumberRow, Row } from "../options/row.js";
import { quantityText } from "./config/quantity.js";

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
  const text = quantityText(value, unit);
  return text === `${value}` ? text : `${value} (${text})`;
}
