import { StoreError } from "./store-error.js";

/** What LMDB gives instead of a name: the number that the system has for it. */
const NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  13: "EACCES",
  28: "ENOSPC",
  30: "EROFS",
};

/**
 * What the system said about a data folder, as a sentence that ends with what to do. Any other error
 * is left as it is.
 */
export function explained(error: unknown, path: string): unknown {
  const sentence = sentenceFor(codeOf(error), placeOf(error) ?? path);
  if (sentence === undefined) return error;
  return new StoreError(`the data folder ${path} cannot be used: ${sentence}`);
}

const ANOTHER = "choose another folder with --data-dir";

function sentenceFor(code: string | undefined, place: string): string | undefined {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${user()} may not write there (${place}): give it to that user, or ${ANOTHER}`;
    case "EROFS":
      return `${place} is on a file system that is read-only: ${ANOTHER}`;
    case "ENOENT":
      return `no folder or file can be made at ${place}: ${ANOTHER}`;
    case "ENOTDIR":
    case "EEXIST":
      return `a part of ${place} is a file, not a folder: ${ANOTHER}`;
    case "EISDIR":
      return `${place} is a folder where there should be a file: ${ANOTHER}`;
    case "ELOOP":
      return `the links of ${place} lead in a circle: ${ANOTHER}`;
    case "ENAMETOOLONG":
      return `${place} is longer than a name can be: ${ANOTHER}`;
    case "ENOSPC":
    case "EDQUOT":
      return `there is no space left for ${place}: make room, or ${ANOTHER}`;
    default:
      return undefined;
  }
}

/** Whose process this is: the first question when it may not do something. */
function user(): string {
  const id = process.geteuid?.();
  return id === undefined ? "this user" : `this user (id ${id})`;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "number" ? NAMES[code] : String(code);
}

/** What it is about: a file that is there, or the place where one could not be made. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && "path" in error && typeof error.path === "string"))
    return undefined;
  return error.path;
}
