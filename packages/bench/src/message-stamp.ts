/**
 * What every payload of the generator begins with, four u32 fields, big-endian:
 *
 *     run      which run sent it: a message of another run is foreign
 *     sender   index of the publisher
 *     counter  0, 1, 2, … for each publisher (or each pair of publisher and receiver)
 *     time     when it was due to leave, see clock.ts
 *
 * The rest of the payload is filler.
 */
export const STAMP_BYTES = 16;

/** Offsets of the fields from the payload's first byte. */
export const StampAt = { RUN: 0, SENDER: 4, COUNTER: 8, TIME: 12 } as const;

/** The u32 at `at`, which the caller has checked to lie within `bytes`. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
