/**
 * Entry of the process that watches: started by ProcessWatch, so that what an attack costs its own
 * process is not taken for the server's slowness. Ends when it is let go.
 */
import { type WatchCall, WatchHost } from "./watch-host.js";

const host = new WatchHost();
process.on("message", (call: WatchCall) => {
  void host.carryOut(call).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit(0));
