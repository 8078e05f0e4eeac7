/**
 * Entry of the process that watches: started by ProcessWatch, so that what an attack costs its own
 * process is not taken for the server's slowness. Ends when it is let go.
 */
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { type WatchCall, WatchHost } from "./watch-host.js";

/** It works for some microseconds every ten milliseconds, and looks at the clock in them. */
const NICENESS = -19;

try {
  setPriority(NICENESS);
  writeFileSync("/proc/self/autogroup", String(NICENESS));
} catch {
  // Not allowed, or no autogroups here: it may wait for the attacker, and its figures say for how long.
}
const host = new WatchHost();
process.on("message", (call: WatchCall) => {
  void host.carryOut(call).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit(0));
