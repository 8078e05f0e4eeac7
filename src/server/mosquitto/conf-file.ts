import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { textOfFile } from "../../files/bounded-file.js";
import { readingWords } from "../../files/file-words.js";

/** A line of a `mosquitto.conf` that says something. */
export interface Line {
  /** `/etc/mosquitto/mosquitto.conf:12` */
  readonly place: string;
  /** Its first word. */
  readonly name: string;
  /** What stands behind it, with blanks at its ends. */
  readonly rest: string;
}

/** What is wrong with a `mosquitto.conf`: Mosquitto would not start with it either. */
export class ConfError extends Error {
  override readonly name = "ConfError";

  /** @param place - `mosquitto.conf:12`, or a file. */
  constructor(place: string, sentence: string) {
    super(`${place}: ${sentence}`);
  }
}

/** Who reads the lines of one file, and those of the files in its `include_dir`. */
export interface FileReader {
  read(line: Line): void;
  /** Settings of a file that is included begin anew: they are not of the last listener. */
  included(): FileReader;
}

/**
 * Reads a `mosquitto.conf` line by line as Mosquitto does: a comment begins at the beginning of a line
 * only, and `include_dir` counts in the first file only, where the files of a folder that end with `.conf` follow in
 * the order of their names.
 *
 * @throws ConfError for a file or folder that cannot be read.
 */
export function readConf(file: string, reader: FileReader, isIncluded = false): void {
  for (const [index, text] of textOf(file).split("\n").entries()) {
    if (text.startsWith("#") || text === "" || text === "\r") continue;
    const [, name, rest = ""] = /^ *([^ ]+)(.*)$/s.exec(text.replace(/\r+$/, "")) ?? [];
    if (name === undefined) continue;
    const line = { place: `${file}:${index + 1}`, name, rest };
    if (name !== "include_dir") reader.read(line);
    else if (!isIncluded) {
      for (const one of filesOf(line)) readConf(one, reader.included(), true);
    }
  }
}

const BYTES_MAX = 16 * 1024 * 1024;

function textOf(file: string): string {
  try {
    return textOfFile(file, BYTES_MAX);
  } catch (error) {
    throw new ConfError(file, `it cannot be read: ${readingWords(error)}`);
  }
}

function filesOf({ place, rest }: Line): string[] {
  const folder = rest.replace(/^ /, "");
  if (folder === "") throw new ConfError(place, "include_dir needs the name of a folder");
  try {
    return readdirSync(folder)
      .filter((name) => name.length > ".conf".length && name.endsWith(".conf"))
      .map((name) => join(folder, name))
      .filter((name) => statSync(name).isFile())
      .sort(inOrder);
  } catch (error) {
    throw new ConfError(place, `the folder ${folder} cannot be read: ${reasonOf(error)}`);
  }
}

/** Without regard to case; what differs only in case as the bytes say. */
function inOrder(left: string, right: string): number {
  const [one, other] = [left.toLowerCase(), right.toLowerCase()];
  if (one !== other) return one < other ? -1 : 1;
  return left < right ? -1 : 1;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
