import { describe, expect, it } from "vitest";
import {
  Client,
  ClientsQuery,
  DirectMessage,
  HistoryQuery,
  PublishedMessage,
} from "../../src/admin/schemas.js";

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

  it("takes times of a clock", () => {
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
