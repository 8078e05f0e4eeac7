import { totalmem } from "node:os";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";

/** What there is for this process, in bytes: of the container, where one sets a limit, or the machine. */
const MACHINE_BYTES = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
/** V8's limit counts its young generation too, which is never full of what is kept: 3 x 16 MiB. */
const YOUNG_BYTES = 48 * 1024 * 1024;

/**
 * How much of the memory there may be is in use, in whole percent: of the heap that Node allows
 * (`--max-old-space-size`), or of the memory of the container or machine, whichever is fuller. What is in use no
 * longer counts until it is collected, which V8 does as the heap fills. 30 us. [I12]
 */
export function memoryPercent(): number {
  const { used_heap_size, heap_size_limit, external_memory } = getHeapStatistics();
  let oldBytes = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (!space_name.startsWith("new_")) oldBytes += space_used_size;
  }
  const ofHeap = oldBytes / Math.max(heap_size_limit - YOUNG_BYTES, heap_size_limit / 2);
  const ofMachine = (used_heap_size + external_memory) / MACHINE_BYTES;
  return Math.floor(100 * Math.max(ofHeap, ofMachine));
}
