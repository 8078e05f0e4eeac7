import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { probeFolder } from "../files/probe-folder.js";
import { explained } from "../store/folder-error.js";
import { openToOthers } from "../store/store-folder.js";
import type { ServerConfig } from "./start-server.js";

/**
 * Whether state can be kept where it shall be. Nothing is changed, and nothing stays that was made.
 *
 * @returns whether others can look into it.
 * @throws StoreError saying why it cannot be, and what to do.
 */
export function checkDataFolder({ store }: ServerConfig): readonly string[] {
  if (store === undefined) return [];
  const { path } = store;
  try {
    const folder = nearestFolder(resolve(path));
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    probeFolder(folder);
  } catch (error) {
    throw explained(error, path);
  }
  const warning = openToOthers(path);
  return warning === undefined ? [] : [warning];
}

/** The folder itself, or the one in which it would have to be made. */
function nearestFolder(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return nearestFolder(dirname(path));
  if (found.isDirectory()) return path;
  throw Object.assign(new Error("not a folder"), { code: "ENOTDIR", path });
}
