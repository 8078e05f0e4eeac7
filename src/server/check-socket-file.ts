import { accessSync, constants, lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { writingWords } from "../files/file-words.js";
import { probeFolder } from "../files/probe-folder.js";

/** All that a system takes as the name of a socket, its end included. */
const PATH_BYTES_MAX = 107;

/**
 * Whether a socket file can be made at a path. Nothing is changed, and nothing stays that was
 * made. Whether somebody listens at one that is there is not looked at, as it is not for ports.
 *
 * @throws Error saying why it cannot be.
 */
export function checkSocketFile(path: string): void {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw new Error(`${path} is longer than the name of a socket can be: ${PATH_BYTES_MAX} bytes`);
  }
  const found = whatIsAt(path);
  if (found !== undefined && !found.isSocket()) {
    const what = found.isDirectory() ? "a folder" : "another file";
    throw new Error(`${path} is ${what}, not a socket file: remove it, or name another path`);
  }
}

function whatIsAt(path: string): Stats | undefined {
  try {
    const folder = dirname(path);
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    accessSync(folder, constants.W_OK | constants.X_OK);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) probeFolder(folder);
    return found;
  } catch (error) {
    const words = isNoPlace(error) ? "nothing can be made there" : writingWords(error, path);
    throw new Error(`no socket file can be made at ${path}: ${words}`);
  }
}

/** A folder that is there, and takes nothing all the same, as those of /proc. */
function isNoPlace(error: unknown): boolean {
  const { code, path, syscall } = error as NodeJS.ErrnoException; // statSync and its like throw nothing else
  return code === "ENOENT" && syscall === "mkdtemp" && path !== undefined;
}
