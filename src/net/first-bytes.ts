import type { Socket } from "node:net";

/** Tells what to do with what has come so far: `undefined`: wait for more. */
type Look = (bytes: Buffer | undefined) => Buffer | undefined;

/**
 * Looks at the first bytes of a connection before anybody else reads it.
 *
 * @param look - Called with all that has come whenever more has; `undefined` when the peer has ended
 *   or the connection broke. Answers with what to leave for whoever reads next, or `undefined` for
 *   "not enough yet". It is not called again after an answer, or after the end.
 */
export function lookAtFirstBytes(socket: Socket, look: Look): void {
  let seen: Buffer | undefined;
  const onReadable = (): void => {
    for (let chunk = read(socket); chunk !== null; chunk = read(socket)) {
      seen = seen === undefined ? chunk : Buffer.concat([seen, chunk]);
      const rest = look(seen);
      if (rest !== undefined) {
        stop();
        if (rest.length > 0 && !socket.destroyed) socket.unshift(rest);
        return;
      }
    }
  };
  const onEnd = (): void => {
    stop();
    look(undefined);
  };
  const stop = (): void => {
    socket.off("readable", onReadable);
    for (const event of ENDS) socket.off(event, onEnd);
  };
  socket.on("readable", onReadable);
  for (const event of ENDS) socket.on(event, onEnd);
}

const ENDS = ["end", "error", "close"] as const;

function read(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null; // bytes: nobody has set an encoding
}
