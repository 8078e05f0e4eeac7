/** One crowd in a process of its own: its heap and its compiled code are nobody else's. */
import { Crowd, type Filters, type Way } from "./crowd.js";

/** What the parent asks for; each order is answered by one {@link Answer}. */
export type Order =
  | { readonly kind: "subscribe"; readonly filters: Filters | undefined }
  | {
      readonly kind: "dispatch";
      readonly way: Way;
      readonly among: number;
      readonly messages: number;
    };

export interface Answer {
  /** CPU nanoseconds a message, for `dispatch`. */
  readonly nanoseconds: number;
  /** What the crowd takes of the heap after a collection, for `subscribe`. */
  readonly heapBytes: number;
}

const emptyBytes = heapBytes();
const crowd = new Crowd(Number(process.argv[2]));
answer({ nanoseconds: 0, heapBytes: heapBytes() - emptyBytes });

process.on("message", (order: Order) => {
  if (order.kind === "subscribe") {
    crowd.subscribe(order.filters);
    answer({ nanoseconds: 0, heapBytes: heapBytes() - emptyBytes });
  } else {
    answer({ nanoseconds: crowd.dispatch(order.way, order.among, order.messages), heapBytes: 0 });
  }
});

function answer(message: Answer): void {
  process.send?.(message);
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
