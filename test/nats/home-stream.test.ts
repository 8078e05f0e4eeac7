import { JetStreamApiError, type StreamInfo } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { configOf, type HomeStreams, homeStream } from "../../src/nats/home-stream.js";
import { homeNames } from "../../src/nats/names.js";

const NAMES = homeNames("test");

function streamsWith(found: object | undefined): HomeStreams & { readonly made: object[] } {
  const made: object[] = [];
  const missing = new JetStreamApiError({ code: 404, err_code: 10_059, description: "not found" });
  return {
    made,
    info: () =>
      found === undefined ? Promise.reject(missing) : Promise.resolve({ config: found }),
    add: (config: object) => {
      made.push(config);
      return Promise.resolve({ config: { max_age: 0, max_bytes: -1, max_msgs: -1, ...config } });
    },
  } as unknown as HomeStreams & { readonly made: object[] }; // all that is called of it
}

const whole = { ...configOf(NAMES, 3), max_age: 0, max_bytes: -1, max_msgs: -1 };
const found = (changes: object): Promise<StreamInfo> =>
  homeStream(streamsWith({ ...whole, ...changes }), NAMES, 0);

describe("the stream of a replica", () => {
  it("is made with three copies, and nothing in it is removed by itself", async () => {
    const streams = streamsWith(undefined);
    await homeStream(streams, NAMES, 0);
    expect(streams.made).toEqual([
      expect.objectContaining({
        name: "BL_test_HOME",
        subjects: ["bl.test.home"],
        num_replicas: 3,
      }),
    ]);
    expect(streams.made[0]).not.toHaveProperty("max_age");
  });

  it.each([
    [{ description: "something" }, /is not one that Beeline has made/],
    [{ description: "Beeline store, format 9" }, /made by a newer version .* has format 9/],
    [{ subjects: ["other"] }, /somebody has changed the stream .*must be bl\.test\.home/],
    [{ max_age: 5 }, /no limit of age, bytes or messages/],
  ])("is refused with %j", async (changes, text) => {
    await expect(found(changes)).rejects.toThrow(text);
  });

  it("says when fewer than three servers keep it", async () => {
    const lines: string[] = [];
    const logger = { warn: (line: string) => void lines.push(line) };
    await homeStream(streamsWith({ ...whole, num_replicas: 1 }), NAMES, 0, logger);
    expect(lines).toEqual([expect.stringContaining("kept by one NATS server only")]);
  });

  it("has a name that NATS takes", () => {
    expect(() => homeNames("a.b")).toThrow(/replica.name is "a.b"; allowed: /);
  });
});
