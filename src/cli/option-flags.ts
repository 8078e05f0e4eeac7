import { type Command, type Help, InvalidArgumentError, Option } from "commander";
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
  command.configureHelp({
    optionTerm,
    padWidth: () => TERM_WIDTH,
    formatItem,
    minWidthToWrap: SENTENCE_WIDTH_MIN,
  });
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

/** So much room have flags before their sentences begin. */
const TERM_WIDTH = 30;
const INDENT = "  ";
const MARGIN = INDENT.length + TERM_WIDTH + 2;
const SENTENCE_WIDTH_MIN = 20;

/**
 * A flag and its sentence. A longer flag stands on a line of its own: with a column as wide as the longest,
 * a terminal of 80 characters has too few left for sentences.
 */
function formatItem(term: string, _width: number, about: string, helper: Help): string {
  const width = Math.max(SENTENCE_WIDTH_MIN, (helper.helpWidth ?? 80) - MARGIN);
  const sentences = helper.boxWrap(about, width).replaceAll("\n", `\n${" ".repeat(MARGIN)}`);
  const isLong = term.length > TERM_WIDTH;
  const flag = isLong ? `${term}\n${" ".repeat(MARGIN)}` : `${term.padEnd(TERM_WIDTH)}  `;
  return `${INDENT}${flag}${sentences}`;
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
  const guess = hint(row, value); // a question: it has its mark
  throw new InvalidArgumentError(`Allowed: ${allowed}${guess === "" ? "." : guess}`);
}
