import type { EventEmitter } from "node:events";

/**
 * When a socket has closed, however it came to that. `once` of `node:events` rejects when an error comes
 * first, and a peer that closes with something unread brings one: ECONNRESET.
 */
export function whenClosed(socket: EventEmitter): Promise<void> {
  socket.on("error", () => undefined);
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}
