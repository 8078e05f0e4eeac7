import { describe, expect, it } from "vitest";
import { judge, type Witness } from "./judge.js";

/** A client of the crash loop with what it has seen. */
function client(clientId: string, seen: Partial<Witness> = {}): Witness {
  return { clientId, received: [], acknowledged: [], sessionPresent: [false, true], ...seen };
}

/** A writer to whom messages were acknowledged on a topic. */
function writer(topicName: string, ...payloads: string[]): Witness {
  const acknowledged = payloads.map((payload) => ({
    topicName,
    payload,
    qos: 2 as const,
    retain: false,
    isReceived: true,
  }));
  return client("w0", { acknowledged });
}

const NOTHING = new Map<string, string>();

describe("the judge of the crash loop", () => {
  it("finds nothing where everything acknowledged has come, once and in order", () => {
    const reader = client("r0", { received: ["2:w0:1", "1:w0:2", "1:w0:2", "2:w0:3"] });
    expect(judge([reader], [writer("t/w0", "2:w0:1", "2:w0:3")], NOTHING)).toEqual([]);
  });

  it.each<[string, Witness[], Witness[], ReadonlyMap<string, string>, string]>([
    [
      "a lost message",
      [client("r0")],
      [writer("t/w0", "2:w0:1")],
      NOTHING,
      "r0 never got 2:w0:1, which was acknowledged",
    ],
    [
      "a QoS 2 message that came twice",
      [client("r0", { received: ["2:w0:1", "2:w0:1"] })],
      [],
      NOTHING,
      "r0 got 2:w0:1 once more, at QoS 2",
    ],
    [
      "another order",
      [client("r0", { received: ["2:w0:2", "2:w0:1"] })],
      [],
      NOTHING,
      "r0 got 2:w0:1 behind 2:w0:2",
    ],
    [
      "a retained message that is gone",
      [],
      [writer("ret/w0", "1:w0:7")],
      NOTHING,
      "ret/w0 is not retained, 1:w0:7 was acknowledged",
    ],
    [
      "a retained message that is too old",
      [],
      [writer("ret/w0", "1:w0:7")],
      new Map([["ret/w0", "1:w0:6"]]),
      "ret/w0 retains 1:w0:6, but 1:w0:7 was acknowledged",
    ],
    [
      "a lost session",
      [client("r1", { sessionPresent: [false, true, false] })],
      [],
      NOTHING,
      "r1 was told that its session is gone",
    ],
  ])("finds %s", (_, readers, writers, retained, problem) => {
    expect(judge(readers, writers, retained)).toEqual([problem]);
  });
});
