import { JetStreamApiError, type StreamInfo } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { journalConfig, journalStream } from "../../src/nats/journal-stream.js";
import { journalNames } from "../../src/nats/names.js";
import type { Streams } from "../../src/nats/order-stream.js";

const NAMES = journalNames("test");
const failed = (err_code: number) =>
  new JetStreamApiError({ code: 500, err_code, description: "why" });
const NO_LIMITS = { max_msgs_per_subject: -1, max_msgs: -1 };
const made = (changed: object = {}) =>
  ({ config: { ...journalConfig(NAMES, 3), ...NO_LIMITS, ...changed } }) as unknown as StreamInfo; // what is read of it

/** A JetStream that answers each question with the next of these. */
function found(infos: (StreamInfo | Error)[], waitMs = 0) {
  const asked: number[] = [];
  const given = (answer: StreamInfo | Error | undefined) =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  const streams = {
    info: () => given(infos.length > 1 ? infos.shift() : infos[0]),
    add: ({ num_replicas }: { num_replicas: number }) => {
      asked.push(num_replicas);
      return given(made());
    },
  } as unknown as Streams; // all that is asked of it is here
  return { asked, done: journalStream(streams, NAMES, performance.now() + waitMs) };
}

describe("the stream of the journals of presence", () => {
  it("is taken as it is there, and made where there is none", async () => {
    const there = found([made()]);
    await there.done;
    const none = found([failed(10_059)]);
    await none.done;
    expect([there.asked, none.asked]).toEqual([[], [3]]);
  });

  it("is waited for while JetStream has no leader", async () => {
    await found([failed(10_008), made()], 5_000).done;
    await expect(found([failed(10_008)]).done).rejects.toThrow(/JetStream has no leader/);
    await expect(found([failed(10_076)]).done).rejects.toThrow(/JetStream is off/);
  });

  it("is refused when it is something else, newer, or changed", async () => {
    const with_ = (changed: object) => found([made(changed)]).done;
    await expect(with_({ description: "mine" })).rejects.toThrow(/not one that Beeline has made/);
    await expect(with_({ description: "Beeline presence, format 2" })).rejects.toThrow(/format 2/);
    await expect(with_({ subjects: ["x"] })).rejects.toThrow(/somebody has changed/);
    await expect(with_({ max_msgs_per_subject: 1 })).rejects.toThrow(/somebody has changed/);
  });
});
