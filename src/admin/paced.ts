import type { Socket } from "node:net";
import type { AnswerRequest } from "./admin-listener.js";
import type { Pace } from "./pace.js";

/** What reading a request and writing its answer takes besides, in ms: about. */
const AROUND_MS = 0.1;
/** What is counted for a request that waited for something itself: its own pieces count besides. */
const WAITED_MS = 0.5;
/** More requests that wait, of one connection, are none of a browser or a program that means well. */
const PIPELINED_MAX = 8;
const URGENT = /^\/(healthz|readyz)$/;

/** Answers as `answer` does, no faster than the pace allows. */
export function paced(answer: AnswerRequest, pace: Pace): AnswerRequest {
  const waiting = new Map<Socket, number>();
  return async (request, env) => {
    const { socket } = env.incoming;
    const before = waiting.get(socket) ?? 0;
    if (before === PIPELINED_MAX) socket.destroy(); // else it could grow without end
    if (socket.destroyed) return new Response(null, { status: 503 });
    waiting.set(socket, before + 1);
    await pace.turn(URGENT.test(new URL(request.url).pathname));
    leave(waiting, socket);
    if (socket.destroyed) return new Response(null, { status: 503 }); // nobody waits any more
    return timed(() => answer(request, env), pace);
  };
}

function leave(waiting: Map<Socket, number>, socket: Socket): void {
  const left = (waiting.get(socket) ?? 1) - 1;
  if (left === 0) waiting.delete(socket);
  else waiting.set(socket, left);
}

/** Tells the pace what an answer took. One that others' turns came in between of is not measured. */
async function timed(answer: () => Response | Promise<Response>, pace: Pace): Promise<Response> {
  let hasWaited = false;
  setImmediate(() => {
    hasWaited = true;
  });
  const beginMs = performance.now();
  try {
    return await answer();
  } finally {
    pace.spent(AROUND_MS + (hasWaited ? WAITED_MS : performance.now() - beginMs));
  }
}
