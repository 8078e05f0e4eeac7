import { describe, expect, it } from "vitest";
import {
  Client,
  ClientsQuery,
  DirectMessage,
  HistoryQuery,
  PublishedMessage,
  RetainedQuery,
} from "../../src/admin/schemas.js";
import { isValidTopicFilter } from "../../src/topic/topic-filter.js";
import { isValidTopicName } from "../../src/topic/topic-name.js";

describe("what requests are held to", () => {
  it("fills in what was left out", () => {
    expect(DirectMessage.parse({ parent: "a", payload: "" })).toEqual({
      ...{ parent: "a", payload: "", qos: 1, confirm: false, timeoutMs: 10_000 },
    });
    expect(PublishedMessage.parse({ topicName: "a", payloadBase64: "" })).toEqual({
      ...{ topicName: "a", payloadBase64: "", qos: 0, retain: false },
    });
  });

  it.each([
    ["1", 1],
    ["1000", 1_000],
    ["", undefined],
    ["0", undefined],
    ["1001", undefined],
    ["+1", undefined],
    ["1.0", undefined],
    ["0x1", undefined],
  ])("takes limit=%s as %s", (limit, value) => {
    expect(ClientsQuery.safeParse({ limit }).data?.limit).toBe(value);
  });

  it.each([
    ["a", true],
    ["a/b/#", true],
    ["+/b", true],
    ["$share/g/a/#", true],
    ["/", true],
    ["#", true],
    ["", false],
    ["a#", false],
    ["a/#/b", false],
    ["a+/b", false],
    ["\0", false],
  ])("takes %j as a topic filter: %s", (filter, isRight) => {
    expect(RetainedQuery.safeParse({ filter }).success).toBe(isRight);
    expect(isValidTopicFilter(filter)).toBe(isRight);
  });

  it.each([
    ["a", true],
    ["a/b", true],
    ["", false],
    ["a/#", false],
    ["+", false],
    ["\0", false],
  ])("takes %j as a topic: %s", (topicName, isRight) => {
    expect(PublishedMessage.safeParse({ topicName, payload: "" }).success).toBe(isRight);
    expect(isValidTopicName(topicName)).toBe(isRight);
  });

  it.each([
    ["demo", true],
    ["", false],
    ["a/b", false],
    ["$SYS", false],
    ["+", false],
  ])("takes %j as the parent of an address: %s", (parent, isRight) => {
    expect(DirectMessage.safeParse({ parent, payload: "" }).success).toBe(isRight);
  });

  it("takes times of a clock", () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(HistoryQuery.parse({ after: `${last}` })).toEqual({ after: last });
    expect(HistoryQuery.safeParse({ after: `${last + 1}` }).success).toBe(false);
    expect(HistoryQuery.parse({ after: "1700000000000" })).toEqual({ after: 1_700_000_000_000 });
  });
});

it("shows of a client what the document says, not what an embedder keeps with it", () => {
  const client = {
    ...{ clientId: "a", connected: false, cleanSession: false, subscriptionCount: 0 },
    ...{ queuedMessages: 0, queuedBytes: 0, inFlight: 0, inFlightMax: 20 },
  };
  expect(Client.parse({ ...client, data: { secret: 1 } })).toEqual(client);
});
