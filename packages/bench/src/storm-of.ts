import type { BenchOptions } from "./options.js";
import type { Peer } from "./peer.js";
import { ReconnectStorm } from "./reconnect-storm.js";
import { RetainedStorm } from "./retained-storm.js";
import type { Storm } from "./storm.js";

/**
 * The storm of a scenario; undefined where it has none.
 *
 * @param peers - The clients that are connected.
 */
export function stormOf(options: BenchOptions, peers: readonly Peer[]): Storm | undefined {
  if (options.scenario === "reconnect") return new ReconnectStorm(options, peers);
  if (options.scenario === "retained") return new RetainedStorm(options);
  return undefined;
}
