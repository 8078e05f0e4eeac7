/** Homes of durable state. Published as `./store`: the only entry that loads `lmdb`. */
export type { Store, StoreHome } from "../ports/store.js";
export type { Durability } from "./lmdb-backend.js";
export { damaged } from "./lmdb-file.js";
export { type LmdbStoreOptions, openLmdbStore } from "./lmdb-store.js";
export { memoryStore } from "./memory-store.js";
export { DamagedRecordError } from "./seal.js";
export { StoreError } from "./store-error.js";
export { moveStoreAside } from "./store-folder.js";
