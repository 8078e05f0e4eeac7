import { connect as openSocket } from "node:net";
import type { Clock, Target, Wire, WireEvents } from "./target.js";

/** Where a broker listens, and how patient to be with it. */
export interface TcpTargetOptions {
  readonly host: string;
  readonly port: number;
  readonly quietMs?: number;
  readonly patienceMs?: number;
}

/** What timers and sockets of both sides may add on a busy machine: who is patient has a slow one. */
const SLACK_OF_PATIENCE = 0.3;

/** A broker behind a TCP socket, on the wall clock. */
export class TcpTarget implements Target {
  readonly clock: Clock;
  readonly #options: TcpTargetOptions;

  constructor(options: TcpTargetOptions) {
    this.#options = options;
    this.clock = wallClock(options.quietMs ?? 150, options.patienceMs ?? 5_000);
  }

  dial(events: WireEvents): Promise<Wire> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const socket = openSocket({ host, port, noDelay: true, allowHalfOpen: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        socket.on("error", () => {}); // a reset is a close: `close` follows
        socket.on("data", (chunk: Uint8Array) => events.received(chunk));
        socket.on("end", () => {
          socket.destroy();
          events.closed();
        });
        socket.on("close", () => events.closed());
        resolve({
          send: (bytes) => void (socket.writable && socket.write(bytes)),
          finish: () => void socket.end(),
          destroy: () => void socket.resetAndDestroy(),
          pause: () => void socket.pause(),
          resume: () => void socket.resume(),
        });
      });
    });
  }
}

/** Time as it passes for everybody. */
export function wallClock(quietMs: number, patienceMs: number): Clock {
  return {
    now: () => performance.now(),
    pass: (ms, woken) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        void woken.then(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
    quietMs,
    patienceMs,
    slackMs: patienceMs * SLACK_OF_PATIENCE,
  };
}
