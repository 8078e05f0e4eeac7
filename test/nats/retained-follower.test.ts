import { type JetStreamManager, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { clusterNames } from "../../src/nats/names.js";
import { RetainedFollower } from "../../src/nats/retained-follower.js";
import { bytesOf, textOf } from "./fake-nats.js";

vi.mock(import("@nats-io/jetstream"), async (real) => ({ ...(await real()), jetstream: vi.fn() }));

const names = clusterNames("follower");
/** Longer than the follower waits between two looks at the log. */
const LOOKS_MS = 2_500;

/** A log of three records, with a consumer that says that one more is pending than there is. */
class MiscountedLog {
  lastSequence = 3;
  consumers = 0;
  readonly manager = {
    streams: {
      info: () => Promise.resolve({ created: "then", state: { last_seq: this.lastSequence } }),
    },
    consumers: { add: () => Promise.resolve({ name: "reader", num_pending: 4 }) },
  } as unknown as JetStreamManager; // all that is asked of it

  constructor() {
    const consumers = { get: () => Promise.resolve({ consume: () => this.#consume() }) };
    vi.mocked(jetstream).mockReturnValue({ consumers } as unknown as ReturnType<typeof jetstream>);
  }

  #consume(): Promise<unknown> {
    this.consumers += 1;
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    async function* records(): AsyncGenerator<unknown, void> {
      for (const seq of [1, 2, 3]) {
        yield {
          seq,
          data: bytesOf(`record ${seq}`),
          info: { deliverySequence: seq, pending: 4 - seq },
        };
      }
      await stopped;
    }
    return Promise.resolve(Object.assign(records(), { stop }));
  }
}

/** What a follower of this log has told. */
function follow(log: MiscountedLog): { follower: RetainedFollower; told: string[] } {
  const told: string[] = [];
  const events = {
    begin: () => told.push("begin"),
    record: (_: number, bytes: Uint8Array) => told.push(textOf(bytes)),
    end: () => told.push("end"),
    removal: () => told.push("removal"),
    lost: () => told.push("lost"),
  };
  const nats = { info: { max_payload: 1_024 } } as NatsConnection; // all that is asked of it
  const follower = new RetainedFollower(nats, log.manager, names, events, () => Date.now());
  follower.open();
  return { follower, told };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("finds the end of the log by its number when the consumer counts wrongly", async () => {
  const log = new MiscountedLog();
  const { follower, told } = follow(log);
  await vi.advanceTimersByTimeAsync(500);
  expect(told).toEqual(["begin", "record 1", "record 2", "record 3"]);
  await vi.advanceTimersByTimeAsync(LOOKS_MS);
  expect(told.slice(4)).toEqual(["end"]);
  expect(log.consumers).toBe(1);
  follower.close();
});

it("asks for a new consumer when the log has more than has come", async () => {
  const log = new MiscountedLog();
  const { follower, told } = follow(log);
  log.lastSequence = 4;
  await vi.advanceTimersByTimeAsync(LOOKS_MS);
  expect(told).not.toContain("end");
  expect(log.consumers).toBe(2);
  follower.close();
});
