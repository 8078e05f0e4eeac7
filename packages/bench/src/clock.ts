/**
 * Microseconds of the machine's monotonic clock: the same in every process of one machine, so a
 * stamp written by one process of the generator means the same to another.
 */
export function nowUs(): number {
  return performance.now() * 1000 + ORIGIN_US;
}

/** The low 32 bits of a time in whole microseconds, as it travels in a payload; wraps in 71 min. */
export function toStamp(timeUs: number): number {
  return timeUs >>> 0;
}

/**
 * Microseconds from one stamp to a later one. What seems to lie before `from` (a rounding, never
 * more) counts as 0.
 */
export function stampsApartUs(from: number, to: number): number {
  const us = (to - from) >>> 0;
  return us < HALF_RANGE ? us : 0;
}

/** Waits. For the coordinator's phases, never on the path of a message. */
export function sleepMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const ORIGIN_US = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
const HALF_RANGE = 0x80000000;
