import type { BrokerOptions } from "../../src/index.js";

/**
 * Options of a broker whose round outlasts any pause of a busy machine: what a test hands in is
 * worked on before the call returns, and not in the next round.
 */
export function unhurried(options: BrokerOptions = {}): BrokerOptions {
  const { limits = {} } = options;
  return { ...options, limits: { roundMs: 1_000, ...limits } };
}
