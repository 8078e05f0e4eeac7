/**
 * The broker as `beeline start` runs it, which says at its end what its store has committed:
 * `node beeline-server.js PORT (memory | sync | fast) [FOLDER]`.
 */
import { createBroker } from "beeline-mqtt";
import { openLmdbStore } from "beeline-mqtt/store";

const [port, mode, path = ""] = process.argv.slice(2);
const store =
  mode === "memory"
    ? undefined
    : openLmdbStore({ path, durability: mode === "fast" ? "fast" : "sync" });
const broker = createBroker(store === undefined ? {} : { store });
await broker.listen({ host: "127.0.0.1", port: Number(port) });

process.once("SIGTERM", async () => {
  console.log(JSON.stringify(store?.counts ?? null));
  await broker.close();
  process.exit(0);
});
