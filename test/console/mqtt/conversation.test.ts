import { expect, it } from "vitest";
import { directTopic, withHappening } from "../../../src/console/mqtt/conversation.js";
import type { Happening } from "../../../src/console/mqtt/page-client.js";

const message = { number: 3, topicName: "t", payload: "x", qos: 1, atMs: 0 } as const;
const payload = (text: string) => new TextEncoder().encode(text);

it.each<[Happening, string, string, string]>([
  [
    { kind: "connected", sessionPresent: true },
    "good",
    "connected",
    "to the session that was kept",
  ],
  [{ kind: "connected", sessionPresent: false }, "good", "connected", "with a new session"],
  [{ kind: "refused", why: "no" }, "bad", "refused", "no"],
  [{ kind: "closed", why: "gone" }, "warn", "closed", "gone"],
  [
    { kind: "acknowledged", message, afterMs: 1.5 },
    ...(["good", "acknowledged #3", "by the server with PUBACK, after 1.5 ms"] as const),
  ],
  [
    { kind: "acknowledged", message: { ...message, qos: 2 }, afterMs: 1 },
    ...(["good", "acknowledged #3", "by the server with PUBCOMP, after 1 ms"] as const),
  ],
  [
    { kind: "received", topicName: "t", payload: payload("hi"), qos: 1 },
    ...(["plain", "received", "t at QoS 1: hi"] as const),
  ],
  [
    { kind: "received", topicName: "demo/p2p-receipt/b/7", payload: payload("queued"), qos: 1 },
    ...(["warn", "receipt: queued", "7 to b"] as const),
  ],
])("has words for %j", (happening, tone, title, text) => {
  expect(withHappening([], happening, 5)).toEqual([{ number: 1, atMs: 5, tone, title, text }]);
});

it("tells what a subscription and a message have come to", () => {
  const subscribed = (grantedQos: 0 | 1 | 2 | undefined) =>
    withHappening([], { kind: "subscribed", topicFilter: "a/#", grantedQos }, 0)[0];
  expect(subscribed(1)?.text).toContain("a/#");
  expect(subscribed(undefined)?.tone).toBe("bad");
  const [sent] = withHappening([], { kind: "sent", message }, 0);
  expect(sent?.title).toContain("#3");
});

it("keeps the last 200, in order", () => {
  let entries = withHappening([], { kind: "closed", why: "" }, 0);
  for (let count = 0; count < 200; count += 1) {
    entries = withHappening(entries, { kind: "closed", why: "" }, 0);
  }
  expect([entries.length, entries[0]?.number, entries.at(-1)?.number]).toEqual([200, 2, 201]);
});

it("addresses one client, with a token where a receipt is wanted", () => {
  expect(directTopic("demo", "b", undefined)).toBe("demo/p2p/b");
  expect(directTopic("demo", "b", "t1")).toBe("demo/p2p/b/t1");
});
