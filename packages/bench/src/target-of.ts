import type { BenchOptions } from "./options.js";
import type { Peer, Target } from "./peer.js";

/** Where a client connects to: receivers perhaps to other nodes than publishers, in turn. */
export function targetOf(
  options: BenchOptions,
  { role, index }: Pick<Peer, "role" | "index">,
): Target {
  const { receiversAt } = options;
  const address = role === "receiver" ? receiversAt[index % receiversAt.length] : undefined;
  return address === undefined ? options : { ...options, ...address };
}
