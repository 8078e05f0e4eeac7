/**
 * Entry of a process of the generator: started by WorkerSlice, tells by messages what comes of the
 * calls it is sent, and ends when the coordinator lets go of it or is gone.
 */
import { type SliceCall, SliceHost } from "./slice-host.js";

const host = new SliceHost();
process.on("message", (call: SliceCall) => {
  void host.carryOut(call).then((reply) => {
    if (reply !== undefined) process.send?.(reply);
  });
});
process.on("disconnect", () => process.exit(0));
