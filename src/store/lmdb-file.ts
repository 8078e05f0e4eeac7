import { StoreError } from "./store-error.js";

/** The file in a store's folder that holds everything. */
export const DATA_FILE = "data.mdb";

/** An error that says which file is damaged, why, and the ways on. */
export function damaged(file: string, why: string): StoreError {
  return new StoreError(
    `the store file ${file} is damaged: ${why}. Put back a copy of the folder, or save what is left ` +
      "with 'beeline store repair', or start with --move-damaged-store, which keeps it aside and " +
      "begins with an empty store",
    "damaged",
  );
}
