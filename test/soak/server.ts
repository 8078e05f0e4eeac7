import { boundHeapGrowth } from "../../src/cli/heap-growth.js";
import { createBroker } from "../../src/index.js";
import { openLmdbStore } from "../../src/store/index.js";

/*
 * The server of `npm run soak`, in a process of its own, so that its memory is what it needs:
 * `server FOLDER`. Tells its port, and on each message what it is like. Needs --expose-gc.
 */

/** What the server answers when it is asked what it is like. */
export interface ServerState {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly handles: number;
  readonly connections: number;
  readonly sessions: number;
}

boundHeapGrowth(); // as `beeline start` does
const store = openLmdbStore({ path: process.argv[2] ?? "" });
const broker = createBroker({ store });
const { port } = await broker.listen({ port: 0, host: "127.0.0.1" });
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const { connections, offlineSessions: sessions } = broker.stats();
  const state: ServerState = {
    ...{ residentBytes: rss, heapBytes: heapUsed + arrayBuffers },
    ...{ handles: process.getActiveResourcesInfo().length, connections, sessions },
  };
  process.send?.(state);
});
process.on("disconnect", () => {
  void broker.close().then(() => process.exit(0));
});
process.send?.(port);
