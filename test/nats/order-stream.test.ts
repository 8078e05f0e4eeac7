import { JetStreamApiError, type StreamInfo } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { configOf, orderStream, type Streams } from "../../src/nats/order-stream.js";
import { ClusterError } from "../../src/nats/words.js";
import { NAMES } from "./fake-nats.js";

const failed = (err_code: number, description = "why") =>
  new JetStreamApiError({ code: 500, err_code, description });
const NOT_FOUND = failed(10_059, "stream not found");

const made = (changed: object = {}) =>
  ({ config: { ...configOf(NAMES, 3), ...changed } }) as unknown as StreamInfo; // what is read of it

/** A JetStream that answers each question for the stream with the next of these. */
function jetStream(infos: (StreamInfo | Error)[], adds: (StreamInfo | Error)[] = []) {
  const asked: number[] = [];
  const next = (answers: (StreamInfo | Error)[]) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const streams = {
    info: () => next(infos),
    add: ({ num_replicas }: { num_replicas: number }) => {
      asked.push(num_replicas);
      return next(adds);
    },
  } as unknown as Streams; // all that is asked of it is here
  return { asked, streams };
}

const warnings: string[] = [];
const logger = { warn: (line: string) => void warnings.push(line) };
const found = (streams: Streams, waitMs = 0) =>
  orderStream(streams, NAMES, performance.now() + waitMs, logger);

describe("orderStream", () => {
  it("takes the stream that is there, and makes one of three copies where none is", async () => {
    const there = jetStream([made()]);
    await expect(found(there.streams)).resolves.toEqual(made());
    expect(there.asked).toEqual([]);
    const none = jetStream([NOT_FOUND], [made()]);
    await found(none.streams);
    expect(none.asked).toEqual([3]);
  });

  it("makes one copy on a server by itself, and warns", async () => {
    warnings.length = 0;
    const one = jetStream([NOT_FOUND], [failed(10_074), made({ num_replicas: 1 })]);
    await found(one.streams);
    expect(one.asked).toEqual([3, 1]);
    expect(warnings).toEqual([
      expect.stringMatching(/^the order log is kept by one NATS server only: when that is lost/),
    ]);
  });

  it("waits for a JetStream that has no leader yet, and for servers that see each other", async () => {
    const starting = jetStream(
      [failed(10_008), new Error("timeout"), NOT_FOUND],
      [failed(10_005), made()],
    );
    await expect(found(starting.streams, 5_000)).resolves.toEqual(made());
  });

  it("takes the stream that another node makes at the same moment", async () => {
    const { streams } = jetStream([NOT_FOUND, made()], [failed(10_058)]);
    await expect(found(streams, 5_000)).resolves.toEqual(made());
  });

  it.each([
    [
      "newer version",
      { description: "Beeline order log, format 2" },
      /uses a newer version of Beeline .*format 2, this version reads 1/,
    ],
    [
      "foreign stream",
      { description: "" },
      /is not one that Beeline has made: choose another cluster\.name/,
    ],
    ["other subjects", { subjects: ["x"] }, /somebody has changed the stream BL_test_ORDER/],
    ["no republishing", { republish: undefined }, /somebody has changed the stream BL_test_ORDER/],
  ])("refuses a stream: %s", async (_, changed, text) => {
    const { streams } = jetStream([made(changed)]);
    await expect(found(streams, 5_000)).rejects.toThrow(text);
    await expect(found(streams, 5_000)).rejects.toBeInstanceOf(ClusterError);
  });

  it.each([
    [failed(10_039), /JetStream is off for this node in NATS: start nats-server with -js/],
    [failed(10_076), /JetStream is off for this node/],
    [failed(10_047, "insufficient storage"), /no room for the order log \(insufficient storage\)/],
    [failed(10_065), /another stream in NATS takes the subject bl\.test\.order/],
    [
      new Error('Permissions Violation for Publish to "$JS.API.STREAM.INFO.x"'),
      /allow its user to publish and subscribe bl\.>/,
    ],
    [failed(10_023, "insufficient resources"), /has no order log \(BL_test_ORDER\): insufficient/],
  ])("gives up at once where waiting mends nothing: %s", async (error, text) => {
    const { streams } = jetStream([error]);
    await expect(found(streams, 60_000)).rejects.toThrow(text);
  });

  it.each([
    [failed(10_005, "no suitable peers"), /not 3 servers with JetStream .* \(no suitable peers\)/],
    [failed(10_008), /JetStream has no leader: most of the NATS servers must run/],
    [new Error("503"), /JetStream does not answer: start nats-server with -js/],
    [failed(10_058), /is in NATS in another form, and cannot be read/],
  ])("says what it waited for in vain: %s", async (error, text) => {
    const { streams } = jetStream([NOT_FOUND], [error]);
    await expect(found(streams)).rejects.toThrow(text);
  });
});
