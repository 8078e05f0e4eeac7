import { readdirSync, readFileSync } from "node:fs";
import { boundHeapGrowth } from "../../src/cli/heap-growth.js";
import { createBroker, type ListenOptions } from "../../src/index.js";
import { giveBackMemory } from "../../src/net/giving-back.js";
import { openLmdbStore } from "../../src/store/index.js";

/*
 * The server of `npm run soak`, in a process of its own, so that its memory is what it needs:
 * `server FOLDER TRANSPORT`. Tells its port, and on each message what it is like. Needs --expose-gc.
 */

/** What the server answers when it is asked what it is like. */
export interface ServerState {
  readonly residentBytes: number;
  readonly ownBytes: number;
  readonly heapBytes: number;
  readonly v8Bytes: number;
  readonly descriptors: number;
  readonly timers: number;
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
}

boundHeapGrowth(); // as `beeline start` does, both
giveBackMemory(console.error);
const store = openLmdbStore({ path: process.argv[2] ?? "" });
const broker = createBroker({ store });
const transport = process.argv[3] as NonNullable<ListenOptions["transport"]>; // else listen says what is wrong
const { port } = await broker.listen({ port: 0, host: "127.0.0.1", transport });
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapTotal: v8Bytes, heapUsed, arrayBuffers } = process.memoryUsage();
  const { connections, offlineSessions: sessions, subscriptions } = broker.stats();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const state: ServerState = {
    ...{ residentBytes: rss, ownBytes: ownBytes(), heapBytes: heapUsed + arrayBuffers, v8Bytes },
    ...{
      descriptors: readdirSync("/proc/self/fd").length,
      timers,
      connections,
      sessions,
      subscriptions,
    },
  };
  process.send?.(state);
});
process.on("disconnect", () => {
  void broker.close().then(() => process.exit(0));
});
process.send?.(port);

/** Without the store's file, of which the kernel keeps in memory what it has room for. */
function ownBytes(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
