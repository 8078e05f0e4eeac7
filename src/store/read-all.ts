import { LmdbBackend } from "./lmdb-backend.js";

// Run as a program by `lmdb-file.ts`: reads every record of the store in the folder it is given.
const [, , folder] = process.argv;
if (folder !== undefined) {
  const backend = new LmdbBackend({ path: folder, readOnly: true });
  for (const _ of backend.entries(Uint8Array.of(1), Uint8Array.of(0xff)));
  await backend.close();
}
