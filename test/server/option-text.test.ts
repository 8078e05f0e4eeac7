import { expect, it } from "vitest";
import { choice, list, onOff, text, wholeNumber } from "../../src/options/row.js";
import { defaultText } from "../../src/server/option-text.js";

const about = "What it does.";
const rule = { holds: "path", allowed: "paths", isAllowed: () => true };
const bytes = (value: number) => wholeNumber({ about, unit: "bytes", default: value });
const ms = (value: number) => wholeNumber({ about, unit: "ms", default: value });

it.each([
  [bytes(100), "100"],
  [bytes(0), "0"],
  [bytes(65_536), "65536 (64 KiB)"],
  [bytes(8_388_608), "8388608 (8 MiB)"],
  [bytes(1_073_741_824), "1073741824 (1 GiB)"],
  [bytes(268_435_455), "268435455"],
  [ms(1), "1"],
  [ms(10_000), "10000 (10 s)"],
  [ms(60_000), "60000 (1 min)"],
  [ms(259_200_000), "259200000 (3 days)"],
  [wholeNumber({ about, unit: "count", default: 1_024 }), "1024"],
  [wholeNumber({ about, unit: "count", default: undefined, unset: "no port" }), "no port"],
  [choice({ about, values: ["a", "b"], default: "b" }), "b"],
  [choice({ about, values: ["a", "b"], default: undefined }), "none"],
  [onOff({ about, default: true }), "on"],
  [onOff({ about, default: false }), "off"],
  [text({ about, default: "/x", ...rule }), "/x"],
  [list({ about, default: ["a", "b"], ...rule }), "a, b"],
  [list({ about, default: [], unset: "all", ...rule }), "all"],
  [list({ about, default: [], ...rule }), "none"],
])("the default of %o is shown as %s", (row, shown) => {
  expect(defaultText(row)).toBe(shown);
});
