import { JetStreamApiError, type StreamInfo } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import type { Streams } from "../../src/nats/order-stream.js";
import { retainedConfig, retainedStream } from "../../src/nats/retained-stream.js";
import { NAMES } from "./fake-nats.js";

const failed = (err_code: number) =>
  new JetStreamApiError({ code: 500, err_code, description: "why" });
const NOT_FOUND = failed(10_059);
const NO_LIMITS = { max_age: 0, max_bytes: -1, max_msgs: -1 };

const made = (changed: object = {}) =>
  ({ config: { ...retainedConfig(NAMES, 3), ...NO_LIMITS, ...changed } }) as unknown as StreamInfo; // what is read of it

/** A JetStream that answers each question with the next of these. */
function jetStream(infos: (StreamInfo | Error)[], add: StreamInfo | Error = made()) {
  const asked: number[] = [];
  const given = (answer: StreamInfo | Error | undefined) =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  const streams = {
    info: () => given(infos.length > 1 ? infos.shift() : infos[0]),
    add: ({ num_replicas }: { num_replicas: number }) => {
      asked.push(num_replicas);
      return given(add);
    },
  } as unknown as Streams; // all that is asked of it is here
  return { asked, streams };
}

const found = (streams: Streams, waitMs = 0) =>
  retainedStream(streams, NAMES, performance.now() + waitMs);

describe("retainedStream", () => {
  it("takes the stream that is there, and makes one of three copies where none is", async () => {
    const there = jetStream([made()]);
    await expect(found(there.streams)).resolves.toEqual(made());
    expect(there.asked).toEqual([]);
    const none = jetStream([NOT_FOUND]);
    await found(none.streams);
    expect(none.asked).toEqual([3]);
  });

  it("waits for a JetStream that has no leader yet, and says so when it gets none", async () => {
    const { streams } = jetStream([failed(10_008), made()]);
    await expect(found(streams, 5_000)).resolves.toEqual(made());
    await expect(found(jetStream([failed(10_008)]).streams)).rejects.toThrow(/has no leader/);
  });

  it.each([
    [{ description: "another" }, /is not one that Beeline has made/],
    [
      { description: "Beeline retained messages, format 2" },
      /newer version of Beeline .* format 2/,
    ],
    [{ subjects: ["x"] }, /somebody has changed the stream BL_test_RETAINED/],
    [{ max_msgs_per_subject: 2 }, /somebody has changed/],
    [{ max_age: 1 }, /no limit of age, bytes or messages/],
    [{ max_bytes: 1 }, /no limit of age, bytes or messages/],
  ])("refuses one that is changed: %j", async (changed, text) => {
    await expect(found(jetStream([made(changed)]).streams)).rejects.toThrow(text);
  });
});
