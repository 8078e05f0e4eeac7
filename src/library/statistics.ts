import type { Broker, Gauges } from "../broker/broker.js";
import type { Stats } from "../state/stats.js";

type Plain<T> = T extends ReadonlyMap<string, infer V> ? Readonly<Record<string, V>> : T;

/** Counters since the start and gauges of now, as plain data that JSON can hold. */
export type Statistics = Gauges & { readonly [K in keyof Stats]: Plain<Stats[K]> };

/** A snapshot. O(different reasons). */
export function statisticsOf(engine: Broker): Statistics {
  const { drops, violations, closes, refusals, denials, ...counts } = engine.stats;
  return {
    ...engine.gauges,
    ...counts,
    drops: { ...drops },
    violations: Object.fromEntries(violations),
    closes: Object.fromEntries(closes),
    refusals: Object.fromEntries(refusals),
    denials: Object.fromEntries(denials),
  };
}
