import type { Clock, Target, Wire, WireEvents } from "../../packages/conformance/src/target.js";
import { wallClock } from "../../packages/conformance/src/tcp-target.js";
import type { ListenAddress } from "../../src/net/listener.js";
import { type Door, openStream } from "./doors.js";

/** How long nothing may arrive before it counts as silence, and how long to wait for what must. */
const QUIET_MS = 150;
const PATIENCE_MS = 15_000;

/** The cases of the conformance suite reach a broker by any of its doors. */
export class DoorTarget implements Target {
  readonly clock: Clock = wallClock(QUIET_MS, PATIENCE_MS);
  readonly #door: Door;
  readonly #address: ListenAddress;

  constructor(door: Door, address: ListenAddress) {
    this.#door = door;
    this.#address = address;
  }

  async dial(events: WireEvents): Promise<Wire> {
    const { stream, raw } = await openStream(this.#door, this.#address);
    stream.on("error", () => undefined); // a reset is a close: `close` follows
    stream.on("data", (chunk: Uint8Array) => events.received(chunk));
    stream.on("end", () => {
      stream.destroy();
      events.closed();
    });
    stream.on("close", () => events.closed());
    return {
      send: (bytes) => void (stream.writable && stream.write(bytes)),
      finish: () => void stream.end(),
      destroy: () => {
        stream.destroy();
        raw.resetAndDestroy();
      },
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
    };
  }
}
