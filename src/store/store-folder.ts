import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { explained } from "./folder-error.js";
import { DATA_FILE } from "./lmdb-file.js";
import { StoreError } from "./store-error.js";

/** What we make is for its owner alone: it holds what Clients say to each other. [J12] */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What anybody on the machine may do with a folder or file. */
const OTHERS = 0o007;
/** Files of LMDB, which would make them for everybody to read. */
const FILES = [DATA_FILE, "lock.mdb"];

/**
 * Makes the folder of a store and its files where they are not there, closed to others. What is
 * there keeps its mode and owner, for somebody has chosen them: a volume that belongs to a group, a
 * folder with other things in it. A link to a folder is as good as the folder. [J12]
 *
 * @throws StoreError saying why it cannot be, and what to do.
 */
export function makeStoreFolder(path: string): void {
  try {
    for (const folder of missing(path)) make(() => mkdirSync(folder, FOLDER_MODE));
    if (!statSync(path).isDirectory()) {
      throw new StoreError(`the data folder ${path} is a file: choose another with --data-dir`);
    }
    for (const file of FILES) {
      make(() => closeSync(openSync(join(path, file), "wx", FILE_MODE)));
    }
  } catch (error) {
    throw explained(error, path);
  }
}

/**
 * The folders to be made, from the top. Node's own way to make them all tries for ever below a
 * folder in which there can be none, `/proc` (Node 20).
 */
function missing(path: string): string[] {
  const folders: string[] = [];
  let folder = resolve(path);
  while (statOf(folder) === undefined) {
    if (isLink(folder)) {
      throw new StoreError(
        `${folder} is a link to a folder that is not there: make that, or choose another with --data-dir`,
      );
    }
    folders.unshift(folder);
    folder = dirname(folder);
  }
  return folders;
}

/** Whether a file of this name is part of a store. */
function isOurs(name: string): boolean {
  return FILES.includes(name) || name.startsWith("beeline.");
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Somebody else may make it at the same time. */
function make(one: () => void): void {
  try {
    one();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/**
 * What to tell the people who run the server when every user of the machine may look into the
 * folder, or into its files; `undefined` when they may not. Nothing that we make is so.
 */
export function openToOthers(path: string): string | undefined {
  for (const name of ["", ...FILES]) {
    const place = join(path, name);
    const mode = (statOf(place)?.mode ?? 0) & 0o7777;
    if ((mode & OTHERS) === 0) continue;
    return name === ""
      ? `every user of this machine can look into the data folder ${path} (mode ${mode.toString(8)}); ` +
          "what is written into it is private all the same, but a folder of its own is safer"
      : `every user of this machine can read ${place} (mode ${mode.toString(8)}): chmod o= ${place}`;
  }
  return undefined;
}

/**
 * Keeps a damaged store aside: its folder beside its place or, where that cannot be moved or holds
 * other things too, its files in a folder inside.
 *
 * @returns where.
 */
export function moveStoreAside(path: string): string {
  const place = resolve(path); // `data/` is `data`
  const name = `damaged-${Date.now()}`;
  if (!isLink(place) && readdirSync(place).every(isOurs)) {
    const aside = `${place}.${name}`;
    try {
      renameSync(place, aside);
      return aside;
    } catch {
      // A volume, or a folder whose parent is not ours: then inside.
    }
  }
  const inside = join(place, name);
  try {
    mkdirSync(inside, FOLDER_MODE);
    for (const file of FILES) {
      if (existsSync(join(place, file))) renameSync(join(place, file), join(inside, file));
    }
  } catch (error) {
    throw explained(error, path);
  }
  return inside;
}
