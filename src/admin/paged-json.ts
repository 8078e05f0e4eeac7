import { setImmediate as nextTurn } from "node:timers/promises";
import type { TypedResponse } from "hono";

/** Items that are written in one turn: a tenth of a millisecond. */
const PIECE = 50;
const ENCODER = new TextEncoder();

/**
 * A page as `context.json` would answer it: its items under one name, and `next`. A large one is written piece by
 * piece, and the clients of the broker have their turns in between: 1,000 items at once are some milliseconds.
 */
export function pagedJson<N extends string, T extends object>(
  page: { readonly [K in N]: readonly T[] } & { readonly next?: string | undefined },
  name: N,
): Response & TypedResponse<{ [K in N]: T[] } & { next?: string }, 200, "json"> {
  const items: readonly T[] = page[name];
  const body = items.length > PIECE ? inPieces(name, items, page.next) : JSON.stringify(page);
  // The type is for the document only: nothing is there at run time.
  return new Response(body, { headers: { "content-type": "application/json" } }) as never;
}

function inPieces(name: string, items: readonly object[], next?: string): ReadableStream {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (at > 0) await nextTurn();
      const piece = JSON.stringify(items.slice(at, at + PIECE)).slice(1, -1);
      const text = at === 0 ? `{${JSON.stringify(name)}:[${piece}` : `,${piece}`;
      at += PIECE;
      const end = next === undefined ? "]}" : `],"next":${JSON.stringify(next)}}`;
      controller.enqueue(ENCODER.encode(at < items.length ? text : text + end));
      if (at >= items.length) controller.close();
    },
  });
}
