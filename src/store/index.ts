/** Homes of durable state. Published as `./store`: the only entry that loads `lmdb`. */
export type { Store, StoreHome } from "../broker/store.js";
export { StoreError } from "./folder-lock.js";
export type { Durability } from "./lmdb-backend.js";
export { type LmdbStoreOptions, openLmdbStore } from "./lmdb-store.js";
export { memoryStore } from "./memory-store.js";
