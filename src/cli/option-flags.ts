import { type Command, InvalidArgumentError, Option } from "commander";
import { allowedFor, hint } from "../options/check.js";
import type { ListRow, SimpleRow } from "../options/row.js";
import { expected, isFit, valueFromText } from "../server/config/words.js";
import { FLAG_OPTIONS, type FlagOption, type ServerOption } from "../server/option-table.js";
import { defaultText } from "../server/option-text.js";

/** Gives a command one flag for each plain option of the server, under the headings of the table. */
export function addOptions(command: Command): void {
  let heading = "";
  for (const option of FLAG_OPTIONS) {
    if (option.heading !== heading) command.optionsGroup(`${option.heading}:`);
    heading = option.heading;
    command.addOption(flagOf(option));
    if (option.row.kind === "switch") command.addOption(opposite(option));
  }
  command.configureHelp({ optionTerm });
}

/** What the flags of a command say, option by option; what they do not say is missing. */
export function flagValues(command: Command): Map<ServerOption, unknown> {
  const values = new Map<ServerOption, unknown>();
  for (const option of FLAG_OPTIONS) {
    const value: unknown = command.getOptionValue(flagOf(option).attributeName());
    if (value !== undefined) values.set(option, value);
  }
  return values;
}

function flagOf({ flag, row }: FlagOption): Option {
  const option = new Option(flag + argumentOf(row), described(row));
  if (row.kind === "list") {
    option.argParser<string[]>((text, before = []) => [...before, ...parsed(row, text)]);
  } else if (row.kind !== "switch") {
    option.argParser((text) => parsed(row, text));
  }
  return option;
}

function described(row: SimpleRow): string {
  const values = row.kind === "choice" ? ` One of ${allowedFor(row)}.` : "";
  return `${row.about}${values} Default: ${defaultText(row)}.`;
}

/** Every switch has two flags, and the help one line for both. */
function opposite({ flag }: FlagOption): Option {
  return new Option(flag.replace("--", "--no-")).hideHelp();
}

/** The flag as the help shows it: with its opposite where that is what one may want. */
function optionTerm(option: Option): string {
  const found = FLAG_OPTIONS.find(({ flag }) => flag === option.long);
  const isOn = found?.row.kind === "switch" && found.row.default;
  return isOn ? `${option.flags}, ${found.flag.replace("--", "--no-")}` : option.flags;
}

/** What stands behind a flag. */
function argumentOf(row: SimpleRow): string {
  switch (row.kind) {
    case "number":
      return ` <${row.unit}>`;
    case "choice":
      return " <choice>";
    case "switch":
      return "";
    case "text":
      return ` <${row.holds}>`;
    case "list":
      return ` <${row.holds}...>`;
  }
}

/** The value that a text stands for, which its row allows. A list has one item. */
function parsed(row: ListRow, text: string): readonly string[];
function parsed(row: SimpleRow, text: string): unknown;
function parsed(row: SimpleRow, text: string): unknown {
  const value = row.kind === "list" ? [text] : valueFromText(row, text);
  if (isFit(row, value)) return value;
  const separated = row.kind === "list" ? valueFromText(row, text) : undefined;
  if (separated !== undefined && isFit(row, separated)) return separated; // a,b where no item has a comma
  const allowed = row.kind === "list" ? row.allowed : expected(row); // it is about one item
  throw new InvalidArgumentError(`Allowed: ${allowed}${hint(row, value)}.`);
}
