import { getHeapStatistics } from "node:v8";

/** What a container allows this process, in bytes; infinite where nobody has said. */
const CONTAINER_BYTES = process.constrainedMemory() || Number.POSITIVE_INFINITY;

/**
 * How much of the memory there may be is in use, in whole percent: of the heap that Node allows
 * (`--max-old-space-size`), or of the container's memory, whichever is fuller. What no longer is in
 * use counts until it is collected. 5 us. [I12]
 */
export function memoryPercent(): number {
  const { used_heap_size, heap_size_limit, external_memory } = getHeapStatistics();
  const ofHeap = used_heap_size / heap_size_limit;
  const ofContainer = (used_heap_size + external_memory) / CONTAINER_BYTES;
  return Math.floor(100 * Math.max(ofHeap, ofContainer));
}
