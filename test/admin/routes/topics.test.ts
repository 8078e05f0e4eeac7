import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RetainedMessage, RetainedPage, Subscribers } from "../../../src/admin/schemas.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";

let world: AdminWorld;
beforeEach(() => {
  world = adminWorld();
});
afterEach(() => world.close());

async function detailOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { detail: string }).detail;
}

describe("a message", () => {
  it("is published to whoever subscribes, and retained", async () => {
    const got: string[] = [];
    const client = await world.broker.connectInProcess({ clientId: "a" });
    client.onMessage(({ topicName, payload }) => {
      got.push(`${topicName} ${Buffer.from(payload)}`);
    });
    await client.subscribe("a/#", 1);
    const body = { topicName: "a/b", payload: "é", qos: 1, retain: true };
    expect((await world.post("/messages", body)).status).toBe(204);
    await client.unsubscribe("a/#"); // answered after what was sent before
    expect(got).toEqual(["a/b é"]);
    expect(world.broker.retainedMessage("a/b")).toMatchObject({ qos: 1, payloadBytes: 2 });
  });

  it.each([
    [{ topicName: "a/+", payload: "" }, "topicName"],
    [{ topicName: "", payload: "" }, "topicName"],
    [{ topicName: "a\u0007", payload: "" }, 'topicName is "a\\u0007", with U+0007; control'], // [M11]
    [{ topicName: "a" }, "give either payload or payloadBase64"],
    [{ topicName: "a", payload: "", retained: true }, "did you mean retain?"],
  ])("is refused as %j", async (body, words) => {
    const answer = await world.post("/messages", body);
    expect(answer.status).toBe(400);
    expect(await detailOf(answer)).toContain(words);
  });

  it("whose disk fails is said to be unsafe", async () => {
    await world.close();
    world = adminWorld({ changed: { publish: async () => false } });
    const answer = await world.post("/messages", { topicName: "a", payload: "" });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ type: "urn:beeline:problem:store-failed" });
  });
});

describe("retained messages", () => {
  beforeEach(async () => {
    for (const topicName of ["a/b", "a/c", "$own"]) {
      await world.broker.publish({ topicName, payload: topicName, retain: true });
    }
  });

  it("are listed, and read one by one", async () => {
    const page = (await (await world.ask("/retained?filter=a%2F%23")).json()) as object;
    expect(RetainedPage.parse(page)).toEqual({
      messages: ["a/b", "a/c"].map((topicName) => ({ topicName, qos: 0, payloadBytes: 3 })),
    });
    const all = RetainedPage.parse(await (await world.ask("/retained")).json());
    expect(all.messages.map(({ topicName }) => topicName)).toEqual(["$own", "a/b", "a/c"]);
    const one = await (await world.ask("/retained/a%2Fb")).json();
    expect(RetainedMessage.parse(one)).toEqual({
      ...{ topicName: "a/b", qos: 0, payloadBytes: 3, payloadBase64: "YS9i" },
    });
    expect((await world.ask("/retained/a%2Fx")).status).toBe(404);
  });

  it("are taken away, once", async () => {
    expect((await world.ask("/retained/a%2Fb", { method: "DELETE" })).status).toBe(204);
    expect((await world.ask("/retained/a%2Fb", { method: "DELETE" })).status).toBe(404);
    expect(world.broker.retainedMessage("a/b")).toBeUndefined();
  });

  it("are asked for by topics and filters that can be", async () => {
    for (const path of ["/retained?filter=a%23", "/retained/a%2F%2B", "/subscriptions?topic=%23"]) {
      expect((await world.ask(path)).status).toBe(400);
    }
  });
});

describe("subscriptions", () => {
  it("are found by topic, by filter and by client", async () => {
    for (const [clientId, filter] of [
      ["a", "x/#"],
      ["b", "x/y"],
      ["b", "z"],
    ] as const) {
      const client = await world.broker.connectInProcess({ clientId, cleanSession: false });
      await client.subscribe(filter, 1);
    }
    const found = async (query: string): Promise<string[]> => {
      const page = Subscribers.parse(await (await world.ask(`/subscriptions?${query}`)).json());
      return page.subscriptions.map(({ clientId, topicFilter }) => `${clientId} ${topicFilter}`);
    };
    expect(await found("topic=x/y")).toEqual(["a x/#", "b x/y"]);
    expect(await found("filter=x/y")).toEqual(["b x/y"]);
    expect(await found("clientId=b&limit=1")).toEqual(["b x/y"]);
    expect(await found("")).toEqual(["a x/#", "b x/y", "b z"]);
  });
});
